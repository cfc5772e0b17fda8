package import EngineInterface
package import Stacks

/// Whether those who wait for a stack have what they waited for. Pure.
package enum Standing: Hashable, Sendable {
  case done(Progress.Outcome)
  /// Not yet: what is waited for, by container name, and why.
  case open(waiting: [String: String])

  /// Judges a pass that aimed at `desired` and found `observed`.
  package static func of(
    _ plan: Plan, _ desired: DesiredState, _ observed: ObservedState, failures: [String],
    waitsForHealth: Bool
  ) -> Standing {
    if !failures.isEmpty { return .done(Progress.Outcome(isConverged: false, problems: failures)) }
    let containers = Dictionary(
      observed.containers.values.map { ($0.instance.slot, $0) },
      uniquingKeysWith: { $0.instance.generation > $1.instance.generation ? $0 : $1 })
    func name(_ slot: Slot) -> String { desired.containers[slot]?.name ?? "\(slot)" }
    // One-off containers are waited for by those who asked for them.
    let blocked = plan.blocked.filter { desired.oneOffs[$0.key.service] == nil }
    if !blocked.isEmpty {
      let problems = blocked.sorted { $0.key < $1.key }.map { "\(name($0.key)): \($0.value)" }
      return .done(Progress.Outcome(isConverged: false, problems: problems))
    }
    var waiting: [String: String] = [:]
    var problems: [String] = []
    for (slot, reason) in plan.waiting
    where desired.oneOffs[slot.service] == nil {
      let isThere = containers[slot]?.state.wasStarted ?? false
      if !isThere || plan.unfinished.contains(slot) { waiting[name(slot)] = reason }
    }
    for (service, status) in plan.updates where status.phase == .underWay {
      waiting[service] = "its update is under way: \(status)"
    }
    if waitsForHealth {
      for (slot, spec) in desired.containers where waiting[spec.name] == nil {
        let service = slot.service
        if desired.stoppedServices.contains(service) || desired.watchedServices.contains(service) { continue }
        switch containers[slot]?.state {
        case .running(let running):
          switch running.health {
          case .none, .healthy: break
          case .starting: waiting[spec.name] = "its health check has not passed yet"
          case .unhealthy: problems.append("\(spec.name) is unhealthy")
          }
        case .exited(let exited) where exited.code == 0: break
        case .exited(let exited):
          if let reason = plan.waiting[slot] {
            waiting[spec.name] = reason
          } else {
            problems.append("\(spec.name) exited (\(exited.code))")
          }
        case .created, .broken, nil: waiting[spec.name] = "it has not been started"
        }
      }
    }
    if !problems.isEmpty {
      return .done(Progress.Outcome(isConverged: false, problems: problems.sorted()))
    }
    return waiting.isEmpty ? .done(Progress.Outcome(isConverged: true)) : .open(waiting: waiting)
  }
}

extension Standing {
  /// Whether a one-off container has been started, or cannot be.
  package static func begin(
    _ key: String, _ plan: Plan, _ desired: DesiredState, _ observed: ObservedState, failures: [String]
  ) -> Standing {
    func refused(_ problems: [String]) -> Standing {
      .done(Progress.Outcome(isConverged: false, problems: problems))
    }
    if !failures.isEmpty { return refused(failures) }
    guard let wanted = desired.oneOffs[key], !wanted.isDiscarded else {
      return refused(["it was taken back"])
    }
    if wanted.isBegun { return .done(Progress.Outcome(isConverged: true)) }
    if let reason = plan.blocked[wanted.spec.slot] { return refused(["\(wanted.spec.name): \(reason)"]) }
    return .open(waiting: [wanted.spec.name: plan.waiting[wanted.spec.slot] ?? "it has not been started"])
  }

  /// Whether a one-off container is gone.
  package static func end(
    _ key: String, _ desired: DesiredState, _ observed: ObservedState, failures: [String]
  ) -> Standing {
    if !failures.isEmpty { return .done(Progress.Outcome(isConverged: false, problems: failures)) }
    guard let wanted = desired.oneOffs[key] else { return .done(Progress.Outcome(isConverged: true)) }
    return .open(waiting: [wanted.spec.name: "it is still there"])
  }
}

extension ContainerState {
  var wasStarted: Bool {
    switch self {
    case .running, .exited: true
    case .created, .broken: false
    }
  }
}
