import EngineInterface
import Kernel
import Stacks
import Wire

/// What containers use, what runs in them, and what happens.
struct UsageRoutes: Sendable {
  let engine: any EngineService
  /// How far apart the samples of a stream are.
  static let interval = Duration.seconds(1)

  var all: [Route] {
    [
      Route("GET", "/usage", "what running containers use") { request throws(APIError) in
        try .json(
          await asking { () throws(EngineError) in try await engine.usage(stack: request.query["stack"]) })
      },
      Route("GET", "/containers/{id}/stats", "what a container uses") { request throws(APIError) in
        try await stats(request)
      },
      Route("GET", "/containers/{id}/top", "a container's processes") { request throws(APIError) in
        try await top(request)
      },
      Route("GET", "/events", "what happens") { request throws(APIError) in try events(request) },
      Route("GET", "/metrics", "everything countable, for Prometheus") { _ throws(APIError) in
        let text = try await asking { () throws(EngineError) in try await MetricsText.of(engine) }
        return .whole(
          status: 200, fields: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
          body: Array(text.utf8))
      },
    ]
  }

  private func find(_ request: Request) async throws(APIError) -> ContainerSummary {
    try await asking { () throws(EngineError) in try await engine.container(request.name) }
  }

  private func stats(_ request: Request) async throws(APIError) -> Answer {
    let found = try await find(request)
    let id = found.container.id
    let stack = found.container.instance.slot.stack
    let streams = request.query["stream"].map { _ in request.query.flag("stream") } ?? true
    let isOneShot = request.query.flag("one-shot")
    return .stream(contentType: "application/json") { [engine] stream in
      var before: ContainerUsage?
      while true {
        // A container that does not run has no line: the stream ends, as Docker's clients expect of one
        // that was removed.
        guard let sample = try await engine.usage(stack: stack).first(where: { $0.id == id }) else {
          if before == nil {
            try await stream.write(WireCoding.snakeEncode(UsageSample.none(found).docker(after: nil)))
          }
          return
        }
        if streams || isOneShot || before != nil {
          try await stream.write(WireCoding.snakeEncode(sample.docker(after: before)) + [UInt8(ascii: "\n")])
          if !streams { return }
        }
        before = sample.usage
        try await Task.sleep(for: Self.interval)
      }
    }
  }

  private func top(_ request: Request) async throws(APIError) -> Answer {
    let arguments = request.query["ps_args"] ?? ""
    guard arguments.isEmpty || arguments == "-ef" else {
      throw APIError(
        400, "ps_args=\(arguments.prefix(40)) is not supported: Cairn runs no ps and gives the columns of -ef"
      )
    }
    let id = try await find(request).container.id
    let processes = try await asking { () throws(EngineError) in try await engine.processes(id) }
    let now = Moment(nanoseconds: Clocks.wall())
    return .whole(
      status: 200, fields: ["Content-Type": "application/json"],
      body: try WireCoding.dockerEncode(
        DockerTop(titles: ContainerProcess.titles, processes: processes.map { $0.row(now: now) })))
  }

  private func events(_ request: Request) throws(APIError) -> Answer {
    let filters = try Filters(
      request.query["filters"], known: ["container", "event", "image", "label", "type", "network", "volume"])
    let since = try request.moment("since")
    let until = try request.moment("until")
    return .stream(contentType: "application/json") { [engine] stream in
      let stream = EventWriter(stream: stream, filters: filters, until: until)
      let since = since ?? (until == nil ? nil : Moment(nanoseconds: 0))
      for await event in engine.events(since: since, until: until) { try await stream.write(event) }
    }
  }
}

/// Writes the events that fit.
private struct EventWriter: Sendable {
  var stream: AnswerStream
  var filters: Filters
  var until: Moment?

  func write(_ event: EngineEvent) async throws {
    if let until, event.time > until { return }
    let docker = event.docker
    let attributes = docker.actor.attributes
    guard filters.allows("type", { $0 == event.kind.rawValue }),
      filters.allows("event", { event.action.rawValue == $0 || event.action.rawValue.hasPrefix($0 + ":") }),
      filters.allows("image", { attributes["image"] == $0 }), filters.allowsLabels(attributes),
      event.kind != .container || filters.allows("container", { event.name == $0 || event.id.hasPrefix($0) }),
      event.kind != .network || filters.allows("network", { event.name == $0 }),
      event.kind != .volume || filters.allows("volume", { event.name == $0 })
    else { return }
    try await stream.write(WireCoding.encode(docker) + [UInt8(ascii: "\n")])
  }
}

extension UsageSample {
  /// For a container that does not run: everything is 0.
  static func none(_ summary: ContainerSummary) -> UsageSample {
    UsageSample(
      id: summary.container.id, name: summary.name, instance: summary.container.instance,
      usage: ContainerUsage(takenAt: Moment(nanoseconds: Clocks.wall()), hostCPUs: 0))
  }
}
