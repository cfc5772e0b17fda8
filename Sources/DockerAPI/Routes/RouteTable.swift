import EngineInterface
import Stacks
import Wire

/// Every endpoint that is served. Each is there both as it is and behind a version, `/v1.24` to
/// `/v1.51`; the version changes nothing.
///
/// **Docker's own**, in Docker's shape (Docker Engine API 1.44):
///
///     GET|HEAD /_ping        GET /version          GET /info
///     GET    /containers/json                      all, filters (label, name, status, id), limit
///     GET    /containers/{id}/json
///     GET    /containers/{id}/logs                 follow, stdout, stderr, since, until, timestamps, tail
///     POST   /containers/{id}/attach               stream=1, stdin, stdout, stderr; takes the connection over
///     POST   /containers/{id}/resize               h, w
///     POST   /containers/{id}/kill                 signal
///     POST   /containers/{id}/wait                 condition=not-running
///     GET    /containers/{id}/stats                stream, one-shot
///     GET    /containers/{id}/top                  ps_args=-ef
///     GET    /events                               since, until, filters (type, event, container, label, …)
///     POST   /containers/{id}/exec
///     POST   /exec/{id}/start                      takes the connection over
///     POST   /exec/{id}/resize                     h, w
///     GET    /exec/{id}/json
///     GET    /images/json
///     POST   /images/create                        fromSrc=-, repo, tag, changes; the body is a tar archive
///     DELETE /images/{name}
///
/// **Cairn's own.** Those marked `→ progress` answer with one JSON document a line
/// (`application/x-ndjson`), each a `Progress` of Engine, the last one `finished`; going away early
/// stops nothing.
///
///     GET    /stacks                               [StackSummary]
///     GET    /stacks/{name}                        Stack
///     PUT    /stacks/{name}                        ApplyRequest → progress
///     DELETE /stacks/{name}                        volumes, timeout (seconds) → progress
///     POST   /stacks/{name}/plan                   ApplyRequest; Plan
///     POST   /stacks/{name}/run                    RunOneOff → progress
///     POST   /stacks/{name}/discard                DiscardRequest → progress
///     POST   /stacks/{name}/exec                   ServiceExec; takes the connection over
///     GET    /stacks/{name}/drift                  [Drift]
///     POST   /stacks/{name}/scale                  ScaleRequest → progress
///     POST   /stacks/{name}/stop|start|restart     ServicesRequest → progress
///     GET    /usage                                stack; [UsageSample]
///     GET    /metrics                              Prometheus's text format
///     GET    /engine                               EngineInformation
///     POST   /engine/stop                          202; the engine ends, containers go on
struct RouteTable: Sendable {
  static let apiVersion = "1.44"
  static let leastVersion = "1.24"

  let routes: [Route]

  init(engine: any EngineService, stop: @escaping @Sendable () -> Void) {
    let execs = ExecTable()
    routes =
      SystemRoutes(engine: engine, stop: stop).all + ContainerRoutes(engine: engine).all
      + AttachRoutes(engine: engine).all + ExecRoutes(engine: engine, execs: execs).all
      + ImageRoutes(engine: engine).all
      + StackRoutes(engine: engine).all + UsageRoutes(engine: engine).all
  }

  /// On every answer.
  static var commonFields: HTTPFields {
    [
      "Api-Version": apiVersion, "Ostype": "linux", "Docker-Experimental": "false", "Server": "Cairn (linux)",
    ]
  }

  func answer(_ head: RequestHead, body: RequestBody) async -> Answer {
    do throws(APIError) {
      let path = try unversioned(head.path)
      let method = head.method == "HEAD" ? "GET" : head.method
      for route in routes where route.method == method {
        if let name = route.match(path) {
          return try await route.handle(Request(head: head, name: name, body: body))
        }
      }
      throw refusal(head.method, path)
    } catch {
      return .failure(error)
    }
  }

  /// The path without its version.
  private func unversioned(_ path: String) throws(APIError) -> String {
    guard path.hasPrefix("/v"), let end = path.dropFirst().firstIndex(of: "/") else { return path }
    let parts = path[..<end].dropFirst(2).split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let major = Int(parts[0]), let minor = Int(parts[1]) else { return path }
    let version = "\(major).\(minor)"
    guard (1, 24) <= (major, minor) else {
      throw APIError(
        400,
        "client version \(version) is too old. Minimum supported API version is \(Self.leastVersion), please upgrade your client to a newer version"
      )
    }
    guard (major, minor) <= (1, 51) else {
      throw APIError(
        400, "client version \(version) is too new. Maximum supported API version is \(Self.apiVersion)")
    }
    return String(path[end...])
  }

  private func refusal(_ method: String, _ path: String) -> APIError {
    let swarm = ["swarm", "nodes", "services", "tasks", "secrets", "configs"]
    if let first = path.split(separator: "/").first, swarm.contains(String(first)) {
      return APIError(
        503,
        "This node is not a swarm manager. Cairn has no swarm: services are described in a stack file and brought up with 'cairn up'."
      )
    }
    return APIError(404, "page not found: \(method) \(path.prefix(200)) is not supported yet by Cairn")
  }
}

/// Calls the engine, with its errors as ours.
func asking<Value>(_ body: () async throws(EngineError) -> Value) async throws(APIError) -> Value {
  do throws(EngineError) { return try await body() } catch { throw APIError(error) }
}
