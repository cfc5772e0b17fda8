import EngineInterface
import Kernel
import Stacks
import Wire

/// Containers, their output and their end.
struct ContainerRoutes: Sendable {
  let engine: any EngineService

  var all: [Route] {
    [
      Route("GET", "/containers/json", "containers") { request throws(APIError) in try await list(request) },
      Route("GET", "/containers/{id}/json", "one container") { request throws(APIError) in
        let detail = try await find(request).inspected
        return .whole(
          status: 200, fields: ["Content-Type": "application/json"], body: try WireCoding.dockerEncode(detail)
        )
      },
      Route("GET", "/containers/{id}/logs", "a container's output") { request throws(APIError) in
        try await logs(request)
      },
      Route("POST", "/containers/{id}/kill", "sends a signal") { request throws(APIError) in
        let found = try await find(request)
        let signal = request.query["signal"] ?? ""
        try await asking { () throws(EngineError) in
          try await engine.kill(found.container.id, signal: signal.isEmpty ? "SIGKILL" : signal)
        }
        return .empty()
      },
      Route("POST", "/containers/{id}/wait", "waits for the end") { request throws(APIError) in
        try await wait(request)
      },
    ]
  }

  private func find(_ request: Request) async throws(APIError) -> ContainerSummary {
    try await asking { () throws(EngineError) in try await engine.container(request.name) }
  }

  private func list(_ request: Request) async throws(APIError) -> Answer {
    let filters = try Filters(request.query["filters"], known: ["label", "name", "status", "id"])
    let limit = try request.number("limit") ?? 0
    let states = filters.all("status")
    let showsAll = request.query.flag("all") || !states.isEmpty || limit > 0
    let label = "com.docker.compose.project="
    let stack = filters.all("label").first { $0.hasPrefix(label) }.map { String($0.dropFirst(label.count)) }
    let containers = try await asking { () throws(EngineError) in try await engine.containers(stack: stack) }
    let now = Moment(nanoseconds: Clocks.wall())
    var shown = containers.filter { summary in
      let word = summary.container.state.word
      return (showsAll || word == "running") && (states.isEmpty || states.contains(word))
        && filters.allowsLabels(summary.labels)
        && filters.allows("id") { summary.container.id.description.hasPrefix($0) }
        && filters.allows("name") { fits(summary.name, $0) }
    }
    if limit > 0 {
      shown = Array(shown.sorted { $0.container.createdAt > $1.container.createdAt }.prefix(limit))
    }
    return .whole(
      status: 200, fields: ["Content-Type": "application/json"],
      body: try WireCoding.dockerEncode(shown.map { $0.listed(now: now) }))
  }

  /// Docker takes a regular expression here; a plain name with `^/` before and `$` behind it is what
  /// clients send.
  private func fits(_ name: String, _ pattern: String) -> Bool {
    var wanted = pattern[...]
    let atStart = wanted.hasPrefix("^")
    if atStart { wanted.removeFirst() }
    if wanted.hasPrefix("/") { wanted.removeFirst() }
    let atEnd = wanted.hasSuffix("$")
    if atEnd { wanted.removeLast() }
    switch (atStart, atEnd) {
    case (true, true): return name == wanted
    case (true, false): return name.hasPrefix(wanted)
    case (false, true): return name.hasSuffix(wanted)
    case (false, false): return wanted.isEmpty || name.contains(wanted)
    }
  }

  private func wait(_ request: Request) async throws(APIError) -> Answer {
    let condition = request.query["condition"] ?? ""
    guard condition.isEmpty || condition == "not-running" else {
      throw APIError(
        400, "waiting for '\(condition.prefix(40))' is not supported yet by Cairn; use condition=not-running")
    }
    let id = try await find(request).container.id
    return .stream(contentType: "application/json") { [engine] stream in
      let code = try await engine.wait(id)
      try await stream.write(WireCoding.dockerEncode(DockerWaited(statusCode: code)) + [10])
    }
  }

  private func logs(_ request: Request) async throws(APIError) -> Answer {
    let query = request.query
    let streams = Set([OutputStream.stdout, .stderr].filter { query.flag($0.rawValue) })
    guard !streams.isEmpty else {
      throw APIError(400, "Bad parameters: you must choose at least one stream (stdout=1 or stderr=1)")
    }
    let tail = query["tail"].flatMap { $0 == "all" || $0.isEmpty ? nil : Int($0) }
    let options = LogOptions(
      follows: query.flag("follow"), tail: tail.flatMap { $0 < 0 ? nil : $0 },
      since: try request.moment("since"), until: try request.moment("until"))
    let hasTimestamps = query.flag("timestamps")
    let found = try await find(request)
    let isMultiplexed = !found.container.spec.template.tty
    let lines = try await asking { () throws(EngineError) in
      try await engine.logs(found.container.id, options: options)
    }
    let kind = isMultiplexed ? "multiplexed" : "raw"
    return .stream(contentType: "application/vnd.docker.\(kind)-stream") { stream in
      var atLineStart: [OutputStream: Bool] = [:]
      for try await line in lines where streams.contains(line.stream) {
        var bytes = line.bytes
        if hasTimestamps, atLineStart[line.stream] ?? true {
          bytes = Array("\(line.time.rfc3339) ".utf8) + bytes
        }
        atLineStart[line.stream] = line.bytes.last == UInt8(ascii: "\n")
        try await stream.write(isMultiplexed ? StreamFrame.encode(line.stream, bytes) : bytes)
      }
    }
  }
}
