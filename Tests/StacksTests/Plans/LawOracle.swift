import Stacks

// What must hold of a plan, said without the planner's own words for it.

extension RandomCase {
  func plan(_ observed: ObservedState, at moment: Moment = Self.now) -> Plan {
    Plan.make(from: observed, to: desired, now: moment, options: options)
  }

  /// The machine that the case is about.
  var machine: SimulatedMachine {
    var machine = SimulatedMachine(observed, now: Self.now)
    machine.overlapping = Set(desired.updates.filter { $0.value.order == .startFirst }.keys)
    return machine
  }

  var services: Set<String> { desired.services.union(desired.containers.keys.map(\.service)) }

  /// In which respects `state` is not what is wanted though `plan` has not said that it waits or is
  /// blocked.
  func shortfalls(_ state: ObservedState, _ plan: Plan) -> [String] {
    var found: [String] = []
    let excused = Set(plan.waiting.keys).union(plan.blocked.keys)
    let anyExcused = !excused.isEmpty
    for service in services.sorted() {
      let present = state.containers.values.filter { $0.instance.slot.service == service }
      let wanted = desired.containers.values.filter { $0.slot.service == service }
      let isExcused = excused.contains { $0.service == service }
      // A successor that is not ready yet may be beside what it is to replace.
      let spare = Set(present.map(\.instance.slot)).intersection(excused)
      if present.count > wanted.count + spare.count { found.append("\(service) has too many") }
      if present.count < wanted.count, !isExcused { found.append("\(service) has too few") }
      for container in present where !excused.contains(container.instance.slot) {
        let instance = container.instance
        if let model = wanted.first, container.spec.template != model.template {
          found.append("\(instance) differs")
        }
        switch container.state {
        case .broken: found.append("\(instance) is broken")
        case .created where !desired.stoppedServices.contains(service):
          found.append("\(instance) is not started")
        case .running where desired.stoppedServices.contains(service):
          found.append("\(instance) is not stopped")
        case .running where container.lostNetworks.contains { state.networks[$0]?.isUp == true }:
          found.append("\(instance) has no link to a network that is up")
        case .running(let running) where running.stopping != nil:
          found.append("\(instance) was asked to end and has not")
        case .exited(let exited) where !desired.stoppedServices.contains(service):
          let policy = container.spec.template.restart
          let fails = exited.code != 0 || exited.startFailure != nil
          let endless = policy == .always || policy == .unlessStopped
          if !exited.wasStopped, endless || (policy == .onFailure(maximum: nil) && fails) {
            found.append("\(instance) is not started again")
          }
          if let asked = desired.asked[service]?.up, exited.finishedAt < asked {
            found.append("\(instance) is not started though it was asked for")
          }
        case .created, .running, .exited: break
        }
      }
    }
    for container in state.containers.values where !services.contains(container.instance.slot.service) {
      if options.removeOrphans || container.state.word == "dead" {
        found.append("\(container.instance) is an orphan")
      }
    }
    for wanted in desired.networks.values where !wanted.isExternal && !anyExcused {
      if plan.notes.contains(where: { $0.contains(wanted.name) || $0.contains("subnet") }) { continue }
      let network = state.networks[wanted.name]
      if network == nil || network?.isUp == false { found.append("\(wanted.name) is not there") }
    }
    for wanted in desired.volumes.values where !wanted.isExternal && state.volumes[wanted.name] == nil {
      found.append("\(wanted.name) is not there")
    }
    if desired.services.isSuperset(of: services), desired.containers.isEmpty, desired.networks.isEmpty,
      options.removeOrphans
    {
      if !state.containers.isEmpty { found.append("a container is left") }
      if state.networks.values.contains(where: { $0.stack == "shop" && $0.otherUsers.isEmpty }) {
        found.append("a network is left")
      }
    }
    return found
  }

  /// Stops and starts that come in an order that dependencies forbid.
  func faultsOfOrder(_ steps: [Step]) -> [String] {
    var found: [String] = []
    for (index, step) in steps.enumerated() {
      for later in steps[(index + 1)...] {
        guard let first = step.action.instance?.slot.service,
          let second = later.action.instance?.slot.service
        else { continue }
        if case .stop = step.action, case .stop = later.action, depends(second, on: first) {
          found.append("\(first) is stopped before \(second)")
        }
        // While a successor is started, the one that it is to replace serves those that depend on it.
        if case .start = step.action, case .start = later.action,
          desired.updates[second]?.order != .startFirst, desired.dependencies[first]?[second] != nil
        {
          found.append("\(first) is started before \(second)")
        }
      }
    }
    for step in steps {
      guard case .start(let instance) = step.action else { continue }
      for (name, dependency) in desired.dependencies[instance.slot.service] ?? [:] {
        if dependency.condition == .started || !services.contains(name) { continue }
        let others = observed.containers.values.filter { $0.instance.slot.service == name }
        let number = desired.containers.keys.count { $0.service == name }
        let isMet =
          switch dependency.condition {
          case .started: true
          case .healthy: others.count { $0.isHealthy } >= number
          case .completed: others.count { $0.isCompleted } >= number
          }
        if !isMet { found.append("\(instance) is started though \(name) is not \(dependency.condition)") }
      }
    }
    return found
  }

  private func depends(_ service: String, on other: String) -> Bool {
    (desired.dependencies[service] ?? [:]).keys.contains { $0 == other || depends($0, on: other) }
  }

  /// Instances and names on the machine that no step may be about.
  var mustNotBeTouched: Set<String> {
    var found: Set<String> = []
    for (name, network) in observed.networks {
      let wanted = desired.networks.values.first { $0.name == name }
      if let wanted, mustStay(wanted) {
        found.insert(name)
        continue
      }
      let isForeign = network.stack != "shop" || !network.otherUsers.isEmpty || wanted?.isExternal == true
      if wanted == nil ? isForeign : network.isUp && (isForeign || wanted == network.definition) {
        found.insert(name)
      }
    }
    for (name, volume) in observed.volumes {
      let isWanted = desired.volumes.values.contains { $0.name == name }
      if isWanted || !options.removeVolumes || volume.stack != "shop" { found.insert(name) }
    }
    for container in observed.containers.values where isAsWanted(container) {
      found.insert(container.instance.description)
    }
    return found
  }

  private func isAsWanted(_ container: ObservedContainer) -> Bool {
    let slot = container.instance.slot
    if case .running(let running) = container.state, running.stopping != nil { return false }
    if !container.lostNetworks.isEmpty { return false }
    if !services.contains(slot.service) {
      return !options.removeOrphans && container.state.word != "dead"
    }
    guard let wanted = desired.containers[slot], wanted == container.spec,
      case .running(let running) = container.state, !desired.stoppedServices.contains(slot.service),
      desired.asked[slot.service] == Asked(),
      observed.images[wanted.image].map({ $0 == container.image }) ?? true
    else { return false }
    if running.health == .unhealthy, wanted.template.restart != .no { return false }
    let present = observed.containers.values.filter { $0.instance.slot.service == slot.service }
    let count = desired.containers.keys.count { $0.service == slot.service }
    if present.count > count || present.contains(where: { $0.instance.slot == slot && $0.id != container.id })
    {
      return false
    }
    if (desired.dependencies[slot.service] ?? [:]).values.contains(where: \.restart) { return false }
    return desired.networks.values.allSatisfy { definition in
      mustStay(definition) || !container.networks.contains(definition.name)
        || observed.networks[definition.name].map { $0.definition == definition } ?? true
    }
  }

  /// Whether another network has the same name and differs, so that neither can be meant.
  private func mustStay(_ definition: NetworkDefinition) -> Bool {
    desired.networks.values.contains { $0.name == definition.name && $0 != definition }
  }

  /// The same states, in dictionaries and sets that were filled in another order.
  func relisted(_ random: inout SeededRandom) -> RandomCase {
    func shuffled<K: Hashable, V>(_ entries: [K: V]) -> [K: V] {
      var copy = [K: V](minimumCapacity: entries.count * random.pick([1, 3, 9]) + 1)
      for (key, value) in entries.shuffled(using: &random) { copy[key] = value }
      return copy
    }
    var copy = self
    copy.observed.containers = shuffled(observed.containers)
    copy.observed.networks = shuffled(observed.networks)
    copy.observed.volumes = shuffled(observed.volumes)
    copy.observed.images = shuffled(observed.images)
    copy.desired.containers = shuffled(desired.containers)
    copy.desired.networks = shuffled(desired.networks)
    copy.desired.volumes = shuffled(desired.volumes)
    copy.desired.dependencies = shuffled(desired.dependencies).mapValues { shuffled($0) }
    copy.desired.asked = shuffled(desired.asked)
    copy.desired.services = Set(minimumCapacity: 64)
    for service in desired.services.shuffled(using: &random) { copy.desired.services.insert(service) }
    return copy
  }
}

extension ObservedContainer {
  fileprivate var isHealthy: Bool {
    if case .running(let running) = state { running.health == .healthy } else { false }
  }
  fileprivate var isCompleted: Bool {
    if case .exited(let exited) = state { exited.code == 0 && exited.startFailure == nil } else { false }
  }
}
