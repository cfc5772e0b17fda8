internal import EngineInterface
internal import Logging
internal import Stacks

extension CairnEngine {
  /// Has a service run as many replicas as its use asks for, unless its number has been changed meanwhile.
  func autoscale(_ name: String, _ service: String, from replicas: Int, _ decision: ScalingHistory.Decision) {
    do throws(EngineError) {
      guard let entry = try store.entry(name), entry.leaving == nil,
        entry.stack.services[service]?.replicas == replicas,
        let next = entry.stack.autoscaled(service, to: decision)
      else { return }
      let by = Requester(
        user: "cairn engine", command: "scale \(service)=\(decision.replicas): \(decision.reason)")
      try store.save(next, by: by, at: machine.now)
      loop(for: name).wake()
    } catch {
      machine.logger.error("scale \(service) of \(name): \(error)")
    }
  }
}
