// Containers that must be made, replaced or removed.

extension Planner {
  /// Decides one replica.
  mutating func settle(_ assignment: Assignment, _ gate: Gate) {
    let slot = assignment.slot
    if assignment.hasPredecessor { return settleOverlap(assignment, gate) }
    guard let keeper = assignment.keeper else {
      if let obstacle = obstacle(to: assignment) {
        postpone(slot, obstacle, hasRun: false)
      } else {
        let made = create(assignment, because: "it is missing")
        startCreated(slot, made, gate, because: "it is new")
      }
      return
    }
    switch replacement(for: assignment, keeper, gate) {
    case .none:
      let update = update(keeper, to: assignment.spec, assignment.comparison)
      if let obstacle = standingObstacle(to: assignment) { report(slot, obstacle) }
      live(keeper, as: assignment.spec.template, gate, update)
    case .now(let reason): replace(assignment, keeper, because: reason, gate)
    case .beside(let reason):
      overlapped.insert(keeper.id)
      let next = create(assignment, because: reason, changes: assignment.comparison.differences)
      startCreated(slot, next, gate, because: "it takes the place of \(keeper.instance) once it is ready")
      // Those that depend on it go by the one that serves.
      outcomes[slot.service, default: []].removeLast()
      let update = update(keeper, to: keeper.spec, Comparison())
      live(keeper, as: keeper.spec.template, gate, update, outdated: .waits(reason))
    case .held(let obstacle):
      report(slot, obstacle, isUnfinished: true)
      let update = update(keeper, to: keeper.spec, Comparison())
      live(keeper, as: keeper.spec.template, gate, update, outdated: obstacle)
    }
  }

  /// The step that changes a container as it runs, and gives it back the links that it has lost; nil:
  /// there is no need.
  mutating func update(
    _ keeper: ObservedContainer, to spec: ContainerSpec, _ comparison: Comparison
  ) -> PlanGraph.NodeID? {
    if comparison.isEqual && keeper.lostNetworks.isEmpty { return nil }
    let mended = isStopped(keeper.instance.slot) || keeper.stopping != nil ? [] : mendable(keeper)
    if comparison.isEqual && mended.isEmpty { return nil }
    let losses = mended.map { "its link to network \($0) is gone" }
    let reasons = (comparison.isEqual ? [] : [comparison.reason]) + losses
    return graph.add(
      .update(keeper.instance, spec), because: reasons.joined(separator: ", "),
      after: mended.compactMap { networkMade[$0] }, changes: comparison.differences)
  }

  /// The networks to which its links can be made again now.
  private func mendable(_ keeper: ObservedContainer) -> [String] {
    keeper.lostNetworks.filter { networkMade[$0] != nil || observed.networks[$0]?.isUp == true }.sorted()
  }

  private enum Replacement {
    case none
    case now(reason: String)
    case beside(reason: String)
    case held(Obstacle)
  }

  private func replacement(
    for assignment: Assignment, _ keeper: ObservedContainer, _ gate: Gate
  ) -> Replacement {
    if let name = remadeNetwork(of: keeper) { return .now(reason: "network \(name) is made anew") }
    let comparison = assignment.comparison
    guard comparison.needsReplacement else { return .none }
    if let hindrance = hindrance(to: assignment, keeper, gate) { return .held(hindrance) }
    switch rollouts[assignment.slot.service]?.turn(of: assignment.slot) {
    case .beside where !goesDownWithDependency(assignment.slot.service):
      return .beside(reason: comparison.reason)
    case .now, .beside, nil: return .now(reason: comparison.reason)
    case .later(let obstacle):
      return .held(obstacle.preceded(by: "it differs (\(comparison.reason)), but"))
    }
  }

  /// What keeps a container from being replaced, its turn apart; nil: nothing.
  func hindrance(to assignment: Assignment, _ keeper: ObservedContainer, _ gate: Gate) -> Obstacle? {
    if let obstacle = obstacle(to: assignment) {
      return obstacle.preceded(by: "it differs (\(assignment.comparison.reason)), but")
    }
    // What runs is not stopped for something that could not be started yet, unless it must stop anyhow.
    let mustStop =
      isStopped(assignment.slot) || keeper.stopping != nil
      || goesDownWithDependency(assignment.slot.service)
    if keeper.isRunning, !mustStop, case .closed(let obstacle) = gate {
      return obstacle.preceded(by: "it differs (\(assignment.comparison.reason)) and runs on as it is:")
    }
    return nil
  }

  /// A network that is made anew and that the container is attached to; nil: none is.
  func remadeNetwork(of container: ObservedContainer) -> String? {
    var first: String?
    for (key, verdict) in networks {
      guard case .remake = verdict, let name = desired.networks[key]?.name, container.isAttached(to: name)
      else { continue }
      first = min(first ?? name, name)
    }
    return first
  }

  private mutating func replace(
    _ assignment: Assignment, _ keeper: ObservedContainer, because reason: String, _ gate: Gate
  ) {
    let next = Instance(slot: assignment.slot, generation: assignment.nextGeneration)
    remove(
      keeper, because: reason, thenBecause: "\(next) takes its place",
      changes: assignment.comparison.differences, keepsVolumes: keepsVolumes(of: keeper))
    let made = create(assignment, because: "it takes the place of \(keeper.instance)")
    startCreated(assignment.slot, made, gate, because: "it is new")
  }

  /// Makes a container for the replica, which has no obstacle.
  mutating func create(
    _ assignment: Assignment, because reason: String, changes: [Difference] = []
  ) -> Instance {
    let spec = assignment.spec
    let instance = Instance(slot: spec.slot, generation: assignment.nextGeneration)
    guard let image = observed.images[spec.template.image] else {
      preconditionFailure("a container is made only from an image that is stored")
    }
    let networks = spec.template.networks.keys.compactMap { networkMade[spec.networkName($0)] }
    let volumes = spec.volumeKeys.compactMap { volumeMade[spec.volumeName($0)] }
    let node = graph.add(
      .create(instance, spec, image: image), because: reason, after: networks + volumes, changes: changes)
    created[spec.slot] = (spec, node)
    if instance.generation > 1, rollouts[spec.slot.service]?.isUnderWay != true {
      replaced.insert(spec.slot.service)
    }
    return instance
  }

  mutating func startCreated(
    _ slot: Slot, _ instance: Instance, _ gate: Gate, because reason: String
  ) {
    if isStopped(slot) {
      outcomes[slot.service, default: []].append(.off(slot, hasRun: false))
      return
    }
    let creation = created[slot].map { [$0.node] } ?? []
    start(instance, gate, after: creation, because: reason, hasRun: false)
  }

  /// Whether the next container of the slot gets its volumes without a name.
  private func keepsVolumes(of container: ObservedContainer) -> Bool {
    !container.losesVolumes(desired.asked[container.instance.slot.service] ?? Asked())
  }

  /// Stops what runs, then removes it.
  mutating func remove(
    _ container: ObservedContainer, because reason: String, thenBecause then: String,
    changes: [Difference] = [], keepsVolumes: Bool
  ) {
    let halt =
      container.isRunning ? stop(container, because: reason, cause: .removal, changes: changes) : nil
    removed[container.id] = graph.add(
      .remove(container.instance, keepsVolumes: keepsVolumes), because: halt == nil ? reason : then,
      after: halt.map { [$0] } ?? [], changes: halt == nil ? changes : [])
  }

  mutating func depart(_ departure: Departure) {
    let container = departure.container
    // One that is not whole has a successor where its replica is still wanted.
    let isSucceeded =
      container.isBroken
      && roster.assignments[container.instance.slot.service, default: []].contains {
        $0.slot == container.instance.slot && !$0.hasKeeper
      }
    remove(
      container, because: departure.reason, thenBecause: departure.reason,
      keepsVolumes: isSucceeded && keepsVolumes(of: container))
  }

  func isStopped(_ slot: Slot) -> Bool { desired.stoppedServices.contains(slot.service) }
}
