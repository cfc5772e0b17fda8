public import EngineInterface
public import Stacks
internal import Synchronization

extension CairnEngine {
  public func usage(stack: String?) async throws(EngineError) -> [UsageSample] {
    try machine.usage(stack: stack)
  }

  public func processes(_ container: ContainerID) async throws(EngineError) -> [ContainerProcess] {
    try machine.processes(of: container)
  }

  public func ownUsage() async throws(EngineError) -> EngineUsage { try machine.ownUsage() }

  public func listings() async throws(EngineError) -> [String: StackListing] {
    var all: [String: StackListing] = [:]
    for entry in try store.all() {
      let desired = entry.desired
      let observed = try await machine.observe(desired)
      var services = ServiceSummary.list(observed, desired)
      let drift = machine.drifts.withLock { $0[entry.stack.name] ?? [] }
      for index in services.indices {
        services[index].drift = drift.count { $0.service == services[index].service }
      }
      all[entry.stack.name] = StackListing(
        services: services, jobs: JobSummary.list(observed, desired, now: machine.now))
    }
    return all
  }

  public func events(since: Moment?, until: Moment?) -> AsyncStream<EngineEvent> {
    machine.events.events(since: since, until: until, now: machine.now)
  }
}
