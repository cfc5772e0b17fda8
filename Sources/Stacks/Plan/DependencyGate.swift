/// What becomes of a replica in this plan, for those that depend on it.
enum Outcome {
  /// It runs and goes on running.
  case runs(Slot, Health)
  /// This plan starts it.
  case starts(Slot, PlanGraph.NodeID)
  /// It has ended and stays so.
  case ended(Slot, ContainerState.Exited)
  /// It will be started, but not by this plan.
  case later(Slot, hasRun: Bool)
  /// It is not started until the user changes something.
  case never(Slot, reason: String)
  /// Its service is stopped.
  case off(Slot, hasRun: Bool)
}

/// Whether a service's containers may be started now.
enum Gate {
  /// They may, once these steps are done.
  case open(after: [PlanGraph.NodeID])
  case closed(Obstacle)
}

extension Planner {
  /// The gate of a service whose dependencies are all decided.
  func gate(of service: String) -> Gate {
    var edges: [PlanGraph.NodeID] = []
    var found: [Obstacle] = []
    let dependencies = (order.dependencies[service] ?? [:]).sorted { $0.key < $1.key }
    for (name, dependency) in dependencies {
      guard roster.assignments[name] != nil else {
        if dependency.required {
          found.append(.blocks("it depends on service \(name), which is not in the stack"))
        }
        continue
      }
      for outcome in outcomes[name] ?? [] {
        switch outcome.admits(dependency.condition) {
        case .open(let after): edges += after
        case .closed(let obstacle):
          // It is tried on and on; who waits for it should not have to.
          let isHopeless = dependency.condition == .healthy && failing.contains(outcome.slot)
          found.append(
            isHopeless && !obstacle.isLasting
              ? .blocks("dependency failed: \(outcome.slot) was started again and is not healthy yet")
              : obstacle)
        }
      }
    }
    // What lasts is the better thing to say; of several, the first.
    guard let obstacle = found.first(where: \.isLasting) ?? found.first else {
      return .open(after: edges)
    }
    return .closed(obstacle)
  }
}

extension Outcome {
  var slot: Slot {
    switch self {
    case .runs(let slot, _), .starts(let slot, _), .ended(let slot, _), .later(let slot, _),
      .never(let slot, _), .off(let slot, _):
      slot
    }
  }

  /// Whether a dependent with this condition may be started.
  fileprivate func admits(_ condition: Dependency.Condition) -> Gate {
    switch condition {
    case .started: admitsStarted
    case .healthy: admitsHealthy
    case .completed: admitsCompleted
    }
  }

  private var admitsStarted: Gate {
    switch self {
    case .runs: .open(after: [])
    case .starts(_, let node): .open(after: [node])
    case .ended(let slot, let exited):
      exited.startFailure == nil
        ? .open(after: []) : .closed(.blocks("dependency failed: \(slot) \(exited.ending)"))
    case .later(let slot, let hasRun):
      hasRun ? .open(after: []) : .closed(.waits("\(slot) is not started yet"))
    case .never(let slot, let reason): .closed(.blocks("dependency failed: \(slot): \(reason)"))
    case .off(let slot, let hasRun):
      hasRun ? .open(after: []) : .closed(.blocks(Self.isStopped(slot)))
    }
  }

  private var admitsHealthy: Gate {
    switch self {
    case .runs(_, .healthy): .open(after: [])
    case .runs(let slot, .none):
      .closed(.blocks("\(slot) has no health check; give it one or wait for service_started"))
    case .runs(let slot, .unhealthy): .closed(.blocks("dependency failed: \(slot) is unhealthy"))
    case .runs(let slot, .starting), .starts(let slot, _), .later(let slot, _):
      .closed(.waits("\(slot) is not healthy yet"))
    case .ended(let slot, let exited):
      .closed(.blocks("dependency failed: \(slot) \(exited.ending)"))
    case .never(let slot, let reason): .closed(.blocks("dependency failed: \(slot): \(reason)"))
    case .off(let slot, _): .closed(.blocks(Self.isStopped(slot)))
    }
  }

  private var admitsCompleted: Gate {
    switch self {
    case .ended(_, let exited) where exited.code == 0 && exited.startFailure == nil:
      .open(after: [])
    case .ended(let slot, let exited):
      .closed(.blocks("dependency failed: \(slot) \(exited.ending)"))
    case .runs(let slot, _), .starts(let slot, _), .later(let slot, _):
      .closed(.waits("\(slot) has not completed yet"))
    case .never(let slot, let reason): .closed(.blocks("dependency failed: \(slot): \(reason)"))
    case .off(let slot, _): .closed(.blocks(Self.isStopped(slot)))
    }
  }

  private static func isStopped(_ slot: Slot) -> String {
    "\(slot) is stopped; start it with `cairn start \(slot.service)`"
  }
}
