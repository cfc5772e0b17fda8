/// `x-reconcile`: what becomes of a service that is not as it is wanted though no command has asked for
/// anything.
public enum Reconciliation: String, Codable, Hashable, CaseIterable, Sendable {
  /// It is put right at once.
  case enforce
  /// It is only reported, until a command asks for the service: even its restart policy rests.
  case observe
}

extension Stack {
  /// The stack as it is to be kept once `plan` has nothing more to do for what commands have asked of
  /// services that are only observed, because it is done or because it cannot be; nil: as it is.
  ///
  /// `observed` is what `plan` was made from. From then on drift of these services is only reported.
  public func carryingOut(_ plan: Plan, _ observed: ObservedState) -> Stack? {
    var stack = self
    var isChanged = false
    for (name, service) in services where service.reconciliation == .observe && !service.isCarriedOut {
      if plan.waiting.keys.contains(where: { $0.service == name }) { continue }
      // What it depends on may yet have it start, or start again.
      let concerned = reach(of: [name])
      let isBusy =
        plan.steps.contains { concerned.contains($0.action.instance?.slot.service ?? "") }
        || concerned.contains { plan.updates[$0]?.phase == .underWay }
        || observed.containers.values.contains {
          concerned.contains($0.instance.slot.service) && $0.isOnItsWay
        }
      if isBusy { continue }
      stack.services[name]?.isCarriedOut = true
      isChanged = true
    }
    return isChanged ? stack : nil
  }
}

extension ObservedContainer {
  /// It is about to end, or its health check has not said anything yet.
  fileprivate var isOnItsWay: Bool {
    guard case .running(let running) = state else { return false }
    return running.stopping != nil || running.health == .starting
  }
}
