// Updates by a policy: whose turn it is, and what is done while two generations are in one slot.

extension Planner {
  /// Works out which replicas of a service may be replaced now.
  mutating func schedule(_ service: String, _ gate: Gate) {
    guard let policy = desired.updates[service], !desired.stoppedServices.contains(service) else { return }
    let rollout = Rollout(
      roster.assignments[service] ?? [], policy, isUndoable: desired.undoable.contains(service),
      askedAt: desired.asked[service]?.up, now: now
    ) { assignment in
      guard let keeper = assignment.keeper, remadeNetwork(of: keeper) == nil else { return false }
      return hindrance(to: assignment, keeper, gate) == nil
    }
    rollouts[service] = rollout
    plan.updates[service] = rollout.status
    if let moment = rollout.lookAgain { look(at: moment) }
  }

  /// Decides a replica whose container is not ready to take the place of its predecessor.
  mutating func settleOverlap(_ assignment: Assignment, _ gate: Gate) {
    guard let keeper = assignment.keeper, let predecessor = assignment.predecessor else { return }
    if let name = remadeNetwork(of: keeper) ?? remadeNetwork(of: predecessor) {
      let reason = "network \(name) is made anew"
      remove(predecessor, because: reason, thenBecause: reason, keepsVolumes: false)
      return settle(assignment.alone, gate)
    }
    let service = assignment.slot.service
    let mended = update(predecessor, to: predecessor.spec, Comparison())
    live(predecessor, as: predecessor.spec.template, gate, mended, outdated: .waits("it is outdated"))
    let serving = outcomes[service, default: []].removeLast()
    let update = update(keeper, to: assignment.spec, assignment.comparison)
    live(keeper, as: assignment.spec.template, gate, update)
    if let reason = rollouts[service]?.shortfall(of: keeper, now: now) {
      report(assignment.slot, .waits("\(predecessor.instance) stays until it is replaced: \(reason)"))
    }
    guard case .runs = serving else { return }
    // Those that depend on it, and those that connect to it, go by the one that serves.
    outcomes[service, default: []].removeLast()
    outcomes[service, default: []].append(serving)
    if keeper.isRunning { plan.unrouted.insert(keeper.id) }
  }

  /// What is to be stopped gets no new connections from now on. Only where others are stopped before
  /// it, and no other replica serves, they may need it until then.
  mutating func noteUnrouted() {
    if stopped.isEmpty { return }
    let served = Set(
      observed.containers.values.filter {
        $0.isReady && stopped[$0.id] == nil && !plan.unrouted.contains($0.id)
      }.map(\.instance.slot.service))
    for (id, node) in stopped {
      let service = observed.containers[id]?.instance.slot.service ?? ""
      if graph.isFirst(node) || served.contains(service) { plan.unrouted.insert(id) }
    }
  }
}
