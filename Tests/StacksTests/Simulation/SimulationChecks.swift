import Stacks

// What must hold all along in a simulation, and at its end.

extension Simulation {
  /// Holds before every pass.
  mutating func check(_ plan: Plan) {
    let instances = scene.machine.state.containers.values.map(\.instance)
    for (index, instance) in instances.enumerated() {
      // They are too few for a set to be worth its while.
      let others = instances[..<index].filter { $0.slot == instance.slot }
      if others.contains(instance) { violate("\(instance) is there twice") }
      if others.count > 1 { violate("\(others.count + 1) containers are \(instance.slot)") }
    }
    for step in plan.steps {
      if let slot = step.action.instance?.slot, isWatched(slot.service) {
        violate("\(step.action) though \(slot.service) is only observed")
      }
    }
    for (name, service) in scene.stack.services where isWatched(name) && !service.isStopped {
      let well = scene.machine.state.containers.values.count {
        $0.instance.slot.service == name && ($0.isUp || $0.spec.template.restart == .onFailure(maximum: nil))
      }
      if well < service.replicas, !plan.drift.contains(where: { $0.service == name }) {
        violate("only \(well) of \(name) run, and no drift is reported")
      }
    }
    if let lookAgain = plan.lookAgain, lookAgain <= now { violate("it is to look again in the past") }
  }

  /// Holds after every step: no one-off container is started twice.
  mutating func count(_ step: Step) {
    guard case .start(let instance) = step.action, instance.slot.service.utf8.contains(UInt8(ascii: "-")),
      instance.slot.service.contains("-run-")
    else { return }
    runs[instance.slot.service, default: 0] += 1
    if runs[instance.slot.service] != 1 { violate("\(instance) is started again") }
  }

  private func isWatched(_ service: String) -> Bool {
    guard let service = scene.stack.services[service] else { return false }
    return service.reconciliation == .observe && service.isCarriedOut
  }

  /// Holds after every step of an update in calm weather: no more replicas are out than its policy
  /// allows. `continue` promises nothing of a version that is bad.
  mutating func measure(after step: Step) {
    guard isMeasured, let name = step.action.instance?.slot.service,
      let service = scene.stack.services[name], let policy = service.updatePolicy
    else { return }
    // Nor can it be known of what fails late and has no check.
    let isKnown = policy.failureAction != .continue && service.template.healthcheck != nil
    if !isKnown, !badVersions.isEmpty { return }
    let ready = Set(
      scene.machine.state.containers.values.filter { $0.instance.slot.service == name && $0.isServing }
        .map(\.instance.slot))
    let tolerated = badVersions.isEmpty ? 0 : Int(policy.maxFailureRatio * Double(service.replicas))
    let promised = service.replicas - (policy.order == .stopFirst ? policy.parallelism : 0) - tolerated
    if ready.count < promised {
      violate("after \(step.action) only \(ready.count) of \(name) serve, and \(promised) are promised")
    }
  }

  /// Holds once faults have stopped: all that is wanted is there, runs and is well, and nothing waits.
  mutating func checkArrival() {
    guard violations.isEmpty else { return }
    let plan = scene.plan
    if plan != Plan(stack: "shop") { violate("it does not settle:\n\(plan.text(now: now))") }
    let desired = scene.stack.lowered()
    for (name, service) in scene.stack.services {
      let present = scene.machine.state.containers.values.filter { $0.instance.slot.service == name }
      let wanted = desired.containers.values.filter { $0.slot.service == name }
      let well = present.filter { $0.isServing && $0.spec.template == service.template }
      if well.count != wanted.count || present.count != wanted.count {
        violate("\(name) has \(well.count) of \(wanted.count), and \(present.count) containers")
      }
    }
  }
}

extension ObservedContainer {
  /// It runs, and a check that it has passes.
  var isServing: Bool {
    guard case .running(let running) = state, running.stopping == nil else { return false }
    return running.health == .none || running.health == .healthy
  }
}
