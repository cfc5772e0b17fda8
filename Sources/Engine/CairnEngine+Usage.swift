public import Stacks

extension CairnEngine {
  public func usage(stack: String?) async throws(EngineError) -> [UsageSample] {
    try machine.usage(stack: stack)
  }

  public func processes(_ container: ContainerID) async throws(EngineError) -> [ContainerProcess] {
    try machine.processes(of: container)
  }

  public func ownUsage() async throws(EngineError) -> EngineUsage { try machine.ownUsage() }

  public func services() async throws(EngineError) -> [String: [ServiceSummary]] {
    var all: [String: [ServiceSummary]] = [:]
    for entry in try store.all() {
      let desired = entry.desired
      all[entry.stack.name] = ServiceSummary.list(try await machine.observe(desired), desired)
    }
    return all
  }

  public func events(since: Moment?) -> AsyncStream<EngineEvent> { machine.events.events(since: since) }
}
