internal import Stacks

// What a pass has left undone, and what follows from it for the stack.

extension Plan {
  /// The services of which a container was to be made or started by a step that is not in `done`.
  func services(notIn done: Set<Int>) -> Set<String> {
    Set(
      steps.filter { !done.contains($0.number) }.compactMap { step in
        switch step.action {
        case .create(let instance, _, _), .start(let instance): instance.slot.service
        default: nil
        }
      })
  }

  /// The starts that failed: they are on record.
  func startsFailed(_ report: Executor<some Machine>.Report) -> Set<Int> {
    Set(
      steps.filter { step in
        if case .start = step.action { report.failed[step.number] != nil } else { false }
      }.map(\.number))
  }
}

extension Stack {
  /// The stack as it is to be kept after a pass that found nothing to do; nil: as it is.
  func concluding(_ plan: Plan, _ observed: ObservedState) -> Stack? {
    let refused = givingUp(plan.blocked.keys.map(\.service))
    return (refused ?? self).carryingOut(plan, observed) ?? refused
  }
}
