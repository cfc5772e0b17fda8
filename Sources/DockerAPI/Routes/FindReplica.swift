import EngineInterface
import Stacks
import Wire

extension EngineService {
  /// The running container of a service of a stack: the replica with this number, or the first.
  func replica(
    _ number: Int?, of service: String, in stack: String
  ) async throws(APIError) -> ContainerSummary {
    // Its usual name is asked for first: one is looked at, however many there are.
    if let usual = try? await container("\(stack)-\(service)-\(number ?? 1)"), usual.container.isRunning,
      usual.isOf(service, stack), usual.container.spec.oneOffOf == nil
    {
      return usual
    }
    let all = try await asking { () throws(EngineError) in try await containers(stack: stack) }
      .filter { $0.isOf(service, stack) }
    let replicas = all.filter { $0.container.spec.oneOffOf == nil }
    guard !all.isEmpty else {
      throw APIError(
        404, "no such service: \(service) has no container in stack '\(stack)'; 'cairn up' makes them")
    }
    // A job has no replicas: its runs are meant.
    let running = (replicas.isEmpty ? all : replicas).filter(\.container.isRunning)
      .sorted { ($0.container.instance.slot.number, $0.name) < ($1.container.instance.slot.number, $1.name) }
    guard let number else {
      if let first = running.first { return first }
      throw APIError(
        409, "run a command in service \(service): it is not running; 'cairn up \(service)' starts it")
    }
    if let chosen = running.first(where: { $0.container.instance.slot.number == number }) { return chosen }
    let known = running.map { "\($0.container.instance.slot.number)" }.joined(separator: ", ")
    throw APIError(
      409,
      "run a command in replica \(number) of service \(service): it is not running; running: \(known.isEmpty ? "none" : known)"
    )
  }
}

extension ContainerSummary {
  fileprivate func isOf(_ service: String, _ stack: String) -> Bool {
    container.spec.serviceName == service && container.instance.slot.stack == stack
  }
}
