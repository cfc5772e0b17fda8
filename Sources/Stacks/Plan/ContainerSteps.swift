// Containers that must be made, replaced or removed.

extension Planner {
  /// Decides one replica.
  mutating func settle(_ assignment: Assignment, _ gate: Gate) {
    let slot = assignment.slot
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
      var update: PlanGraph.NodeID?
      if !assignment.comparison.isEqual {
        update = graph.add(
          .update(keeper.instance, assignment.spec), because: assignment.comparison.reason)
      }
      if let obstacle = standingObstacle(to: assignment) { report(slot, obstacle) }
      live(keeper, assignment.spec.template.restart, gate, update)
    case .now(let reason): replace(assignment, keeper, because: reason, gate)
    case .held(let obstacle):
      report(slot, obstacle)
      live(keeper, keeper.spec.template.restart, gate, nil, outdated: obstacle)
    }
  }

  private enum Replacement {
    case none
    case now(reason: String)
    case held(Obstacle)
  }

  private func replacement(
    for assignment: Assignment, _ keeper: ObservedContainer, _ gate: Gate
  ) -> Replacement {
    let remade = desired.networks.filter { key, definition in
      if case .remake = networks[key] { keeper.isAttached(to: definition.name) } else { false }
    }
    if let name = remade.values.map(\.name).min() {
      return .now(reason: "network \(name) is made anew")
    }
    let comparison = assignment.comparison
    guard comparison.needsReplacement else { return .none }
    if let obstacle = obstacle(to: assignment) {
      return .held(obstacle.preceded(by: "it differs (\(comparison.reason)), but"))
    }
    // What runs is not stopped for something that could not be started yet, unless it must stop anyhow.
    if keeper.isRunning, !isStopped(assignment.slot), !goesDownWithDependency(assignment.slot.service),
      case .closed(let obstacle) = gate
    {
      return .held(obstacle.preceded(by: "it differs (\(comparison.reason)) and runs on as it is:"))
    }
    return .now(reason: comparison.reason)
  }

  private mutating func replace(
    _ assignment: Assignment, _ keeper: ObservedContainer, because reason: String, _ gate: Gate
  ) {
    let next = Instance(slot: assignment.slot, generation: assignment.nextGeneration)
    remove(keeper, because: reason, thenBecause: "\(next) takes its place")
    let made = create(assignment, because: "it takes the place of \(keeper.instance)")
    startCreated(assignment.slot, made, gate, because: "it is new")
  }

  /// Makes a container for the replica, which has no obstacle.
  private mutating func create(_ assignment: Assignment, because reason: String) -> Instance {
    let spec = assignment.spec
    let instance = Instance(slot: spec.slot, generation: assignment.nextGeneration)
    guard let image = observed.images[spec.template.image] else {
      preconditionFailure("a container is made only from an image that is stored")
    }
    let networks = spec.template.networks.keys.compactMap { networkMade[spec.networkName($0)] }
    let volumes = spec.volumeKeys.compactMap { volumeMade[spec.volumeName($0)] }
    let node = graph.add(
      .create(instance, spec, image: image), because: reason, after: networks + volumes)
    created[spec.slot] = (spec, node)
    if instance.generation > 1 { replaced.insert(spec.slot.service) }
    return instance
  }

  private mutating func startCreated(
    _ slot: Slot, _ instance: Instance, _ gate: Gate, because reason: String
  ) {
    if isStopped(slot) {
      outcomes[slot.service, default: []].append(.off(slot, hasRun: false))
      return
    }
    let creation = created[slot].map { [$0.node] } ?? []
    start(instance, gate, after: creation, because: reason, hasRun: false)
  }

  /// Stops what runs, then removes it.
  private mutating func remove(
    _ container: ObservedContainer, because reason: String, thenBecause then: String
  ) {
    let halt = container.isRunning ? stop(container, because: reason) : nil
    removed[container.id] = graph.add(
      .remove(container.instance), because: halt == nil ? reason : then,
      after: halt.map { [$0] } ?? [])
  }

  mutating func depart(_ departure: Departure) {
    remove(departure.container, because: departure.reason, thenBecause: departure.reason)
  }

  func isStopped(_ slot: Slot) -> Bool { desired.stoppedServices.contains(slot.service) }
}
