import EngineInterface
import Stacks
import Wire

/// What the engine is.
struct SystemRoutes: Sendable {
  let engine: any EngineService
  let stop: @Sendable () -> Void

  var all: [Route] {
    [
      Route("GET", "/_ping", "whether the engine answers") { _ throws(APIError) in ping() },
      Route("GET", "/version", "versions") { _ throws(APIError) in
        .whole(
          status: 200, fields: ["Content-Type": "application/json"],
          body: try WireCoding.dockerEncode(version()))
      },
      Route("GET", "/info", "what the engine is and holds") { _ throws(APIError) in try await info() },
      Route("GET", "/engine", "what the engine is, in our words") { _ throws(APIError) in
        try .json(engine.information)
      },
      Route("POST", "/engine/stop", "ends the engine") { _ throws(APIError) in
        stop()
        return .empty(status: 202)
      },
    ]
  }

  private func ping() -> Answer {
    .whole(
      status: 200,
      fields: [
        "Content-Type": "text/plain; charset=utf-8", "Builder-Version": "1", "Swarm": "inactive",
        "Cache-Control": "no-cache, no-store, must-revalidate", "Pragma": "no-cache",
      ], body: Array("OK".utf8))
  }

  private func version() -> DockerVersion {
    let information = engine.information
    return DockerVersion(
      version: information.version, apiVersion: RouteTable.apiVersion, minAPIVersion: RouteTable.leastVersion,
      os: "linux", arch: architecture, kernelVersion: information.kernelVersion, goVersion: "none",
      gitCommit: "", components: [.init(name: "Cairn", version: information.version)])
  }

  private func info() async throws(APIError) -> Answer {
    let containers = try await asking { () throws(EngineError) in try await engine.containers(stack: nil) }
    let images = try await asking { () throws(EngineError) in try await engine.images() }
    let running = containers.count { $0.container.isRunning }
    let information = engine.information
    let info = DockerInfo(
      iD: "cairn", name: "cairn", serverVersion: information.version, containers: containers.count,
      containersRunning: running, containersPaused: 0, containersStopped: containers.count - running,
      images: images.count, driver: "overlay2", dockerRootDir: information.dataRoot,
      kernelVersion: information.kernelVersion, operatingSystem: "Linux", oSType: "linux",
      architecture: architecture, cgroupVersion: information.cgroups == "v2" ? "2" : "1",
      cgroupDriver: "cgroupfs", loggingDriver: "json-file", nCPU: 0, memTotal: 0, debug: false,
      experimentalBuild: false, warnings: [])
    return .whole(
      status: 200, fields: ["Content-Type": "application/json"], body: try WireCoding.dockerEncode(info))
  }
}

#if arch(x86_64)
  private let architecture = "amd64"
#elseif arch(arm64)
  private let architecture = "arm64"
#else
  private let architecture = "unknown"
#endif
