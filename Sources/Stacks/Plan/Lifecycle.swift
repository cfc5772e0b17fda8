// Containers that stay: whether they are started, stopped or both.

extension Planner {
  /// Works out when a service was last asked to be restarted: by hand, or because something was that
  /// it depends on with `restart: true`.
  mutating func noteRestart(of service: String) {
    var latest = desired.asked[service]?.restart
    for (name, dependency) in order.dependencies[service] ?? [:] where dependency.restart {
      guard let other = restartAsked[name] else { continue }
      latest = max(latest ?? other, other)
    }
    restartAsked[service] = latest
  }

  /// Decides a container that is not replaced. `template` has the policies that count from now on;
  /// `update` is the step that changes it in place, if any.
  /// `outdated` is why one that differs is not replaced yet: it is kept going, but not started because
  /// the user asked, for what was asked for is its successor.
  mutating func live(
    _ keeper: ObservedContainer, as template: ContainerTemplate, _ gate: Gate, _ update: PlanGraph.NodeID?,
    outdated: Obstacle? = nil
  ) {
    let slot = keeper.instance.slot
    let updates = update.map { [$0] } ?? []
    if keeper.recentStarts > 1 { failing.insert(slot) }
    switch keeper.state {
    case .broken:
      preconditionFailure("a broken container is no keeper")
    case .created:
      if isStopped(slot) { return conclude(.off(slot, hasRun: false)) }
      if let outdated { return conclude(postponed(slot, outdated, hasRun: false)) }
      start(keeper, gate, after: updates, because: "it was never started", hasRun: false)
    case .running(let running):
      if isStopped(slot) {
        _ = stop(keeper, because: "the service is stopped", after: updates)
        return conclude(.off(slot, hasRun: true))
      }
      if let stopping = running.stopping {
        // It cannot be asked back: it ends, and begins anew.
        let halt = stop(
          keeper, because: "it was asked to end before it was wanted again", cause: stopping.cause,
          after: updates)
        return start(keeper, gate, after: [halt], because: "it is wanted again", hasRun: true)
      }
      guard let reason = reasonToRestart(slot.service, startedAt: running.startedAt) else {
        if running.health == .unhealthy, template.replacesUnhealthy {
          return recover(keeper, running, template, gate, after: updates)
        }
        return conclude(.runs(slot, running.health))
      }
      restart(keeper, running, gate, after: updates, because: reason)
    case .exited(let exited):
      if isStopped(slot) { return conclude(.off(slot, hasRun: exited.startFailure == nil)) }
      revive(keeper, exited, template, gate, after: updates, isOutdated: outdated != nil)
    }
  }

  /// Ends a container whose health check fails and starts it again, unless that would be too soon, or
  /// too often, or what it depends on is not there.
  private mutating func recover(
    _ keeper: ObservedContainer, _ running: ContainerState.Running, _ template: ContainerTemplate,
    _ gate: Gate, after updates: [PlanGraph.NodeID]
  ) {
    let slot = keeper.instance.slot
    failing.insert(slot)
    func leave(_ obstacle: Obstacle) {
      report(slot, obstacle.preceded(by: "it is unhealthy, but"))
      conclude(.runs(slot, .unhealthy))
    }
    if case .closed(let obstacle) = gate { return leave(obstacle) }
    let end = ContainerState.Exited(
      code: 0, startedAt: running.startedAt, finishedAt: now, wasUnhealthy: true)
    // From then on this failure counts as the first.
    let settlesAt = running.startedAt + template.settledAfter(end)
    switch template.decision(after: end, recentStarts: keeper.recentStarts, now: now) {
    case .stays: return conclude(.runs(slot, .unhealthy))
    case .gaveUp(let reason):
      if now < settlesAt { look(at: settlesAt) }
      report(slot, .blocks(reason))
      return conclude(.runs(slot, .unhealthy))
    case .starts, .waits: break
    }
    // It serves better than nothing until it may be started again.
    let starts = end.ranUnharmed(for: template.settledAfter(end)) ? 1 : keeper.recentStarts
    let delay = RestartPolicy.delay(afterStarts: starts, template.restartTiming)
    let due = running.startedAt + delay
    guard isHypothetical || now >= due || now < running.startedAt else {
      look(at: min(due, max(settlesAt, now)))
      return leave(.waits("it is started again no sooner than \(delay) after its last start"))
    }
    let halt = stop(keeper, because: "it is unhealthy", cause: .unhealthy, after: updates)
    start(keeper, gate, after: [halt], because: "it is started again", hasRun: true)
    if case .starts? = outcomes[slot.service]?.last { revived.insert(slot.service) }
  }

  private mutating func restart(
    _ keeper: ObservedContainer, _ running: ContainerState.Running, _ gate: Gate,
    after updates: [PlanGraph.NodeID], because reason: String
  ) {
    if !goesDownWithDependency(keeper.instance.slot.service), case .closed(let obstacle) = gate {
      report(keeper.instance.slot, obstacle.preceded(by: "\(reason), but"), isUnfinished: true)
      return conclude(.runs(keeper.instance.slot, running.health))
    }
    let halt = stop(keeper, because: reason, after: updates)
    start(keeper, gate, after: [halt], because: "it is started again", hasRun: true)
  }

  /// Whether something is replaced by this plan that the service depends on with `restart: true`. Then
  /// it cannot stay up until it may be started again.
  func goesDownWithDependency(_ service: String) -> Bool {
    (order.dependencies[service] ?? [:]).contains { $0.value.restart && replaced.contains($0.key) }
  }

  private mutating func revive(
    _ keeper: ObservedContainer, _ exited: ContainerState.Exited, _ template: ContainerTemplate,
    _ gate: Gate, after updates: [PlanGraph.NodeID], isOutdated: Bool
  ) {
    let slot = keeper.instance.slot
    let hasRun = exited.startFailure == nil
    let isPrepared = desired.preparations.contains(slot.service) && !exited.isFailure
    let asked = isPrepared ? nil : desired.asked[slot.service]?.up
    if let asked, exited.finishedAt < asked, !isOutdated {
      start(
        keeper, gate, after: updates, because: "it \(exited.ending) before it was asked for",
        hasRun: hasRun)
      return
    }
    // The engine stops nothing that is wanted but to start it again, or it was not wanted at the time.
    if exited.wasStopped {
      let reason = reasonToRestart(slot.service, startedAt: exited.startedAt)
      start(keeper, gate, after: updates, because: reason ?? "it was stopped and is wanted", hasRun: hasRun)
      return
    }
    // What would be done at last: when no delay is left.
    let time = isHypothetical ? Moment(nanoseconds: .max) : now
    switch template.decision(after: exited, recentStarts: keeper.recentStarts, now: time) {
    case .stays:
      if exited.startFailure != nil { report(slot, .blocks("it \(exited.ending)")) }
      conclude(.ended(slot, exited))
    case .gaveUp(let reason):
      report(slot, .blocks(reason))
      conclude(.ended(slot, exited))
    case .starts(let reason):
      start(keeper, gate, after: updates, because: reason, hasRun: hasRun)
      if case .starts? = outcomes[slot.service]?.last, keeper.firstRunWhenStarted != nil {
        revived.insert(slot.service)
      }
    case .waits(let until, let reason):
      look(at: until)
      postpone(slot, .waits(reason), hasRun: hasRun)
    }
  }

  /// Why a container that was started at `startedAt` must be started again; nil: it need not.
  private func reasonToRestart(_ service: String, startedAt: Moment) -> String? {
    let dependencies = (order.dependencies[service] ?? [:]).filter(\.value.restart).keys
    for name in dependencies.sorted() where rollouts[name]?.isUnderWay != true {
      if replaced.contains(name) { return "service \(name), which it depends on, is replaced" }
      if revived.contains(name) { return "service \(name), which it depends on, failed and is started again" }
      // A replacement has a generation above 1; a further replica is no reason.
      for assignment in roster.assignments[name] ?? [] {
        guard let other = assignment.keeper else { continue }
        if other.instance.generation > 1, other.createdAt > startedAt {
          return "\(other.instance), which it depends on, is newer"
        }
        if other.firstRun != nil, case .running(let running) = other.state, running.startedAt > startedAt {
          return "\(other.instance), which it depends on, failed and was started again"
        }
      }
    }
    if let asked = restartAsked[service], asked > startedAt { return "a restart was asked for" }
    return nil
  }

  /// Starts a container that is there, once the networks and volumes it needs are.
  mutating func start(
    _ keeper: ObservedContainer, _ gate: Gate, after earlier: [PlanGraph.NodeID],
    because reason: String, hasRun: Bool
  ) {
    var edges = earlier
    for name in keeper.networkNames.sorted() {
      if let made = networkMade[name] {
        edges.append(made)
      } else if observed.networks[name]?.isUp != true {
        return postpone(
          keeper.instance.slot, .blocks("network \(name) is not there"), hasRun: hasRun)
      }
    }
    for name in keeper.volumeNames.sorted() {
      if let made = volumeMade[name] {
        edges.append(made)
      } else if observed.volumes[name] == nil {
        return postpone(
          keeper.instance.slot, .blocks("volume \(name) is not there"), hasRun: hasRun)
      }
    }
    start(keeper.instance, gate, after: edges, because: reason, hasRun: hasRun)
  }

  /// Starts a container if the gate is open, and says why not otherwise.
  mutating func start(
    _ instance: Instance, _ gate: Gate, after earlier: [PlanGraph.NodeID], because reason: String,
    hasRun: Bool
  ) {
    switch gate {
    case .open(let dependencies):
      let node = graph.add(.start(instance), because: reason, after: earlier + dependencies)
      conclude(.starts(instance.slot, node))
    case .closed(let obstacle):
      report(instance.slot, obstacle, isUnfinished: true)
      conclude(postponed(instance.slot, obstacle, hasRun: hasRun))
    }
  }

  mutating func stop(
    _ container: ObservedContainer, because reason: String, cause: StopCause = .asked,
    after earlier: [PlanGraph.NodeID] = [], changes: [Difference] = []
  ) -> PlanGraph.NodeID {
    let template = container.spec.template
    var grace = options.stopTimeout ?? template.stopGracePeriod
    if let stopping = container.stopping {
      // It has been asked already; only a user's word changes how long it has.
      if options.stopTimeout == nil { grace = stopping.killAt - stopping.since }
      look(at: stopping.since + grace)
    }
    let node = graph.add(
      .stop(container.instance, signal: template.stopSignal, grace: grace, cause: cause), because: reason,
      after: earlier, changes: changes)
    stopped[container.id] = node
    stops[container.instance.slot.service, default: []].append(node)
    return node
  }

  /// Reports why a replica is not started by this plan.
  mutating func postpone(_ slot: Slot, _ obstacle: Obstacle, hasRun: Bool) {
    report(slot, obstacle)
    conclude(postponed(slot, obstacle, hasRun: hasRun))
  }

  private func postponed(_ slot: Slot, _ obstacle: Obstacle, hasRun: Bool) -> Outcome {
    obstacle.isLasting ? .never(slot, reason: obstacle.reason) : .later(slot, hasRun: hasRun)
  }

  mutating func conclude(_ outcome: Outcome) {
    outcomes[outcome.slot.service, default: []].append(outcome)
  }
}
