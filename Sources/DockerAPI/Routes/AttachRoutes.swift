import EngineInterface
import Stacks
import Wire

/// Connections to containers' own processes.
struct AttachRoutes: Sendable {
  let engine: any EngineService

  var all: [Route] {
    [
      Route("POST", "/containers/{id}/attach", "passes a container's input and output on") {
        request throws(APIError) in try await attach(request)
      },
      Route("POST", "/containers/{id}/resize", "sets the size of a container's terminal") {
        request throws(APIError) in
        let id = try await find(request).container.id
        let rows = UInt16(clamping: try request.number("h") ?? 0)
        let columns = UInt16(clamping: try request.number("w") ?? 0)
        try await asking { () throws(EngineError) in
          try await engine.resize(id, rows: rows, columns: columns)
        }
        return .empty(status: 200)
      },
    ]
  }

  private func find(_ request: Request) async throws(APIError) -> ContainerSummary {
    try await asking { () throws(EngineError) in try await engine.container(request.name) }
  }

  private func attach(_ request: Request) async throws(APIError) -> Answer {
    let query = request.query
    guard query["stream"] == nil || query.flag("stream"), !query.flag("logs") else {
      throw APIError(
        400, "attach gives what comes from now on (stream=1); what was written before is in /logs")
    }
    let found = try await find(request)
    let hasInput = query.flag("stdin")
    let streams = Set(
      [OutputStream.stdout, .stderr].filter { query[$0.rawValue] == nil || query.flag($0.rawValue) })
    let session = try await asking { () throws(EngineError) in
      try await engine.attach(found.container.id, givesInput: hasInput)
    }
    let isMultiplexed = !found.container.spec.template.tty
    return .hijack(isMultiplexed ? .multiplexed : .raw) { connection in
      await session.pass(to: connection, isMultiplexed: isMultiplexed, hasInput: hasInput, streams: streams)
    }
  }
}
