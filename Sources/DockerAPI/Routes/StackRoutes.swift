import EngineInterface
import Stacks
import Wire

/// Stacks: what is wanted, and making it so.
struct StackRoutes: Sendable {
  let engine: any EngineService

  var all: [Route] {
    [
      Route("GET", "/stacks", "stacks") { _ throws(APIError) in
        try .json(await asking { () throws(EngineError) in try await engine.stacks() })
      },
      Route("GET", "/stacks/{name}", "a stack as it was last applied") { request throws(APIError) in
        try .json(await asking { () throws(EngineError) in try await engine.stack(request.name) })
      },
      Route("PUT", "/stacks/{name}", "applies a stack") { request throws(APIError) in
        let wanted = try await applyRequest(request)
        return progress(request) { engine.apply(wanted.stack, options: wanted.options) }
      },
      Route("DELETE", "/stacks/{name}", "takes a stack down") { request throws(APIError) in
        let options = DownOptions(
          removesVolumes: request.query.flag("volumes"),
          timeout: try request.number("timeout").map { .seconds(Int64($0)) })
        return progress(request) { engine.takeDown(request.name, options: options) }
      },
      Route("POST", "/stacks/{name}/plan", "what applying would do") { request throws(APIError) in
        let wanted = try await applyRequest(request)
        return try .json(
          await asking { () throws(EngineError) in
            try await engine.plan(wanted.stack, options: wanted.options)
          })
      },
      Route("POST", "/stacks/{name}/run", "runs a container beside the replicas") {
        request throws(APIError) in
        let wanted = try await request.body.json(RunOneOff.self)
        try checkName(wanted.stack, request)
        return progress(request) { engine.run(wanted.request, of: wanted.stack) }
      },
      Route("POST", "/stacks/{name}/discard", "removes such a container") { request throws(APIError) in
        let wanted = try await request.body.json(DiscardRequest.self)
        return progress(request) { engine.discard(wanted.key, of: request.name) }
      },
      Route("GET", "/stacks/{name}/drift", "what is only reported") { request throws(APIError) in
        try .json(await asking { () throws(EngineError) in try await engine.drift(request.name) })
      },
      Route("GET", "/stacks/{name}/history", "what was declared over time") { request throws(APIError) in
        try .json(await asking { () throws(EngineError) in try await engine.history(request.name) })
      },
      Route("POST", "/stacks/{name}/rollback", "goes back to what was declared before") {
        request throws(APIError) in
        let number = try request.number("to")
        return progress(request) { engine.rollBack(request.name, to: number) }
      },
      Route("POST", "/stacks/{name}/scale", "changes numbers of replicas") { request throws(APIError) in
        let wanted = try await request.body.json(ScaleRequest.self)
        return progress(request) { engine.scale(request.name, to: wanted.replicas) }
      },
      Route("POST", "/stacks/{name}/stop", "stops services") { request throws(APIError) in
        let wanted = try await request.body.json(ServicesRequest.self, otherwise: ServicesRequest())
        return progress(request) {
          engine.setStopped(true, stack: request.name, services: wanted.services, timeout: wanted.timeout)
        }
      },
      Route("POST", "/stacks/{name}/start", "starts services") { request throws(APIError) in
        let wanted = try await request.body.json(ServicesRequest.self, otherwise: ServicesRequest())
        return progress(request) {
          engine.setStopped(false, stack: request.name, services: wanted.services, timeout: wanted.timeout)
        }
      },
      Route("POST", "/stacks/{name}/restart", "stops and starts services") { request throws(APIError) in
        let wanted = try await request.body.json(ServicesRequest.self, otherwise: ServicesRequest())
        return progress(request) {
          engine.restart(stack: request.name, services: wanted.services, timeout: wanted.timeout)
        }
      },
    ]
  }

  private func applyRequest(_ request: Request) async throws(APIError) -> ApplyRequest {
    let wanted = try await request.body.json(ApplyRequest.self)
    try checkName(wanted.stack, request)
    return wanted
  }

  private func checkName(_ stack: Stack, _ request: Request) throws(APIError) {
    guard stack.name == request.name else {
      throw APIError(400, "the stack in the request is '\(stack.name)' but its path names '\(request.name)'")
    }
  }

  /// One JSON document a line. The work begins only now, so that a client that is answered knows it.
  private func progress(
    _ request: Request, _ begin: @escaping @Sendable () -> AsyncStream<Progress>
  ) -> Answer {
    let requester = request.requester
    return .stream(contentType: "application/x-ndjson") { stream in
      for await progress in Requester.$current.withValue(requester, operation: begin) {
        try await stream.write(ProgressLine.encode(progress))
      }
    }
  }
}
