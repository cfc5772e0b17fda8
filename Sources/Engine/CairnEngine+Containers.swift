public import EngineInterface
public import Stacks

extension CairnEngine {
  public func containers(stack: String?) async throws(EngineError) -> [ContainerSummary] {
    let records = stack == nil ? machine.records.all() : machine.records.of(stack: stack!)
    var summaries: [ContainerSummary] = []
    for record in records { summaries.append(machine.summary(of: record)) }
    return summaries.sorted { ($0.container.instance, $0.name) < ($1.container.instance, $1.name) }
  }

  public func container(_ nameOrID: String) async throws(EngineError) -> ContainerSummary {
    machine.summary(of: try record(nameOrID))
  }

  private func record(_ nameOrID: String) throws(EngineError) -> ContainerRecord {
    let all = machine.records.all()
    let text = nameOrID.hasPrefix("/") ? String(nameOrID.dropFirst()) : nameOrID
    // Two have one name while one takes the place of the other: the new one is meant.
    let named = all.filter { $0.spec.name == text }
    if let newest = named.max(by: { $0.instance.generation < $1.instance.generation }) { return newest }
    let matching = text.isEmpty ? [] : all.filter { $0.id.description.hasPrefix(text) }
    switch matching.count {
    case 1: return matching[0]
    case 0: throw EngineError(.notFound, "No such container: \(text)")
    default: throw EngineError(.conflict, "several containers' IDs begin with \(text); give more digits")
    }
  }

  public func kill(_ container: ContainerID, signal: String) async throws(EngineError) {
    try await machine.kill(container, signal: signal)
  }

  public func logs(_ container: ContainerID, options: LogOptions) async throws(EngineError)
    -> AsyncThrowingStream<LogLine, any Error>
  {
    try await machine.logs(container, options: options)
  }

  public func exec(_ container: ContainerID, options: ExecOptions) async throws(EngineError)
    -> any EngineInterface.ExecSession
  {
    try await machine.exec(container, options: options)
  }

  public func wait(_ container: ContainerID) async throws(EngineError) -> Int32 {
    try await machine.wait(container)
  }
}
