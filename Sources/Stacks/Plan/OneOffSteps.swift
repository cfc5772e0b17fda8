// One-off containers: made and started once, and removed when their time is over.

extension Planner {
  /// Decides the one-off container with a key.
  mutating func settle(_ oneOff: WantedOneOff, _ key: String, _ gate: Gate) {
    let slot = oneOff.spec.slot
    guard let container = roster.oneOffs[key] else {
      // One that is gone stays so; who carries out the plan forgets it (`Stack.noting`).
      if oneOff.isBegun || oneOff.isDiscarded { return }
      if oneOff.isQueued, let job = oneOff.spec.oneOffOf, let earlier = runUnderWay(of: job, before: key) {
        return postpone(slot, .waits("\(earlier) has not ended yet"), hasRun: false)
      }
      let assignment = Assignment(oneOff.spec, nextGeneration: roster.lastGeneration(of: slot) + 1)
      if let obstacle = obstacle(to: assignment) { return postpone(slot, obstacle, hasRun: false) }
      let made = create(assignment, because: "it was asked for")
      return startCreated(slot, made, gate, because: "it is new")
    }
    if oneOff.isDiscarded {
      return remove(
        container, because: "it is not wanted any more", thenBecause: "it is not wanted any more",
        keepsVolumes: false)
    }
    switch container.state {
    case .broken: preconditionFailure("a broken container has departed")
    case .created:
      start(container, gate, after: [], because: "it was never started", hasRun: false)
    case .running: _ = update(container, to: container.spec, Comparison())
    case .exited(let exited):
      retire(container, exited, after: isSuperseded(key, oneOff) ? .zero : oneOff.keptFor)
    }
  }

  /// Removes a one-off container that has ended, when its time is over.
  private mutating func retire(
    _ container: ObservedContainer, _ exited: ContainerState.Exited, after keptFor: Span?
  ) {
    guard let keptFor = options.removeOrphans ? .zero : keptFor else { return }
    let due = exited.finishedAt + keptFor
    // A clock that was set back must not keep it for hours.
    guard now >= due || now < exited.finishedAt else { return look(at: due) }
    let reason = "it \(exited.ending)"
    remove(container, because: reason, thenBecause: reason, keepsVolumes: false)
  }

  /// One-off containers that nobody asked for any more: they go with what is removed, and stay otherwise.
  mutating func settleStrays() {
    for (key, container) in roster.oneOffs.sorted(by: { $0.key < $1.key }) where desired.oneOffs[key] == nil {
      if options.removeOrphans {
        let reason = "it is not wanted any more"
        remove(container, because: reason, thenBecause: reason, keepsVolumes: false)
      } else {
        plan.notes.append("\(container.spec.name) was left by an earlier run; --remove-orphans removes it")
      }
    }
  }
}
