import Stacks

/// A desired and an observed state that a seed determines: a stack, and a machine on which that
/// stack, or one like it, has been running and to which much has happened since.
struct RandomCase {
  static let now = Moment(seconds: 10_000)

  var seed: UInt64
  var desired: DesiredState
  var observed: ObservedState
  var options: PlanOptions

  init(seed: UInt64) throws {
    var draw = Draw(seed: seed)
    let stack = try draw.stack()
    self.seed = seed
    desired = stack.lowered()
    observed = try draw.observed(like: stack)
    options = PlanOptions(removeOrphans: draw.random.oneIn(2), removeVolumes: draw.random.oneIn(3))
    if draw.random.oneIn(12) {
      desired = DesiredState.nothing(of: stack)
      options = .down(removeVolumes: draw.random.oneIn(2))
    }
  }
}

/// Draws the parts of a case.
private struct Draw {
  var random: SeededRandom
  let names = ["api", "db", "job", "mq", "web"]
  private var drawn = 0

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func stack() throws -> Stack {
    var stack = Stack(name: "shop")
    for key in ["default", "front", "ext"] {
      stack.networks[key] = network(key)
    }
    for key in ["data", "logs"] {
      stack.volumes[key] = VolumeDefinition(
        name: "shop_" + key, isExternal: random.oneIn(10), labels: random.oneIn(8) ? ["v": "2"] : [:])
    }
    let chosen = names.shuffled(using: &random).prefix(random.number(1...5))
    for (index, name) in chosen.enumerated() {
      var service = Service(replicas: random.pick([0, 1, 1, 1, 2, 3]), template: try template())
      for other in chosen.prefix(index) where random.oneIn(3) {
        service.dependencies[other] = Dependency(
          condition: random.pick([.started, .started, .healthy, .completed]),
          restart: random.oneIn(3), required: !random.oneIn(5))
      }
      service.isStopped = random.oneIn(10)
      if random.oneIn(3) { service.update = policy() }
      if service.update?.failureAction == .rollback, random.oneIn(2) { service.fallback = service.template }
      if random.oneIn(5) { service.asked.up = past() }
      if random.oneIn(12) { service.asked.restart = past() }
      if random.oneIn(12) { service.asked.renewal = past() }
      if random.oneIn(12) { service.asked.freshVolumes = past() }
      if service.replicas < 2, random.oneIn(6) {
        service.template.containerName = random.pick(["box", "shop-web-1"])
      }
      stack.services[name] = service
    }
    return stack
  }

  mutating func policy() -> UpdatePolicy {
    UpdatePolicy(
      parallelism: random.number(0...2), delay: .milliseconds(random.pick([0, 0, 100, 1000])),
      failureAction: random.pick([.pause, .continue, .rollback]),
      monitor: .milliseconds(random.pick([0, 100, 5000, 60_000])),
      maxFailureRatio: random.pick([0, 0.5]), order: random.pick([.stopFirst, .startFirst]))
  }

  mutating func network(_ key: String) -> NetworkDefinition {
    let fixed = random.oneIn(4) ? IPv4Subnet("172.29.\(random.number(0...1)).0/24") : nil
    return NetworkDefinition(
      name: random.oneIn(12) ? "shop_default" : "shop_" + key, isExternal: key == "ext",
      isInternal: random.oneIn(6), subnet: key == "ext" ? nil : fixed)
  }

  mutating func template() throws -> ContainerTemplate {
    var template = ContainerTemplate(image: try ImageReference(random.pick(["app:1", "app:2", "db:1"])))
    if random.oneIn(2) { template.environment["PORT"] = random.pick(["80", "8080"]) }
    if random.oneIn(6) { template.user = "7" }
    if random.oneIn(3) { template.resources.memoryLimit = 1 << UInt64(random.number(20...22)) }
    if random.oneIn(3) { template.ports = [PortMapping(hostPort: 8080, containerPort: 80)] }
    if random.oneIn(2) { template.networks["default"] = NetworkAttachment() }
    if random.oneIn(5) { template.networks["front"] = NetworkAttachment(aliases: ["a"]) }
    if random.oneIn(8) { template.networks["ext"] = NetworkAttachment() }
    if random.oneIn(10) {
      template.networks["front"] = NetworkAttachment(address: IPv4Address("172.29.0.9"))
    }
    for key in ["data", "logs"] where random.oneIn(4) {
      template.mounts.append(MountSpec(source: .volume(key: key), target: "/" + key))
    }
    if random.oneIn(3) { template.healthcheck = Healthcheck(test: .shell("true")) }
    template.restart = random.pick([
      .no, .always, .unlessStopped, .onFailure(maximum: nil), .onFailure(maximum: 2),
    ])
    return template
  }

  mutating func past() -> Moment {
    RandomCase.now + Span.milliseconds(-Int64(random.pick([0, 1, 50, 150, 900, 20_000, 4_000_000])))
  }

  mutating func observed(like stack: Stack) throws -> ObservedState {
    var observed = ObservedState(stack: "shop")
    for name in ["app:1", "app:2", "db:1"] where !random.oneIn(7) {
      observed.images[try ImageReference(name)] = digest(random.pick(["a", "b"]))
    }
    for definition in stack.networks.values.sorted(by: { $0.name < $1.name }) {
      addNetwork(random.oneIn(6) ? network(random.pick(["default", "front"])) : definition, &observed)
    }
    for definition in stack.volumes.values.sorted(by: { $0.name < $1.name }) where !random.oneIn(3) {
      var found = definition
      if random.oneIn(8) { found.labels["old"] = "yes" }
      observed.volumes[found.name] = ObservedVolume(
        name: found.name, stack: random.oneIn(6) ? nil : "shop", definition: found)
    }
    if random.oneIn(10) { observed.otherNames["box"] = "stack blog" }
    let desired = stack.lowered()
    for name in names {
      // Replicas up to one more than there are in the stack, and services that are not in it.
      let replicas = desired.containers.keys.filter { $0.service == name }.count
      for number in 1...(replicas + 1) {
        let slot = Slot(stack: "shop", service: name, number: number)
        let model = desired.containers[slot] ?? desired.containers.first { $0.key.service == name }?.value
        if number > replicas, !random.oneIn(4) { continue }
        var generation = random.pick([1, 1, 2])
        repeat {
          var spec: ContainerSpec
          if let model, !random.oneIn(3) {
            spec = model
            spec.slot = slot
            if random.oneIn(4) { spec.template.resources.pidsLimit = 7 }
          } else {
            spec = ContainerSpec(slot: slot, template: try template())
          }
          add(Instance(slot: slot, generation: generation), spec, &observed)
          generation += 1
        } while random.oneIn(10)
      }
    }
    return observed
  }

  mutating func addNetwork(_ definition: NetworkDefinition, _ observed: inout ObservedState) {
    if random.oneIn(3) || observed.networks[definition.name] != nil { return }
    let taken = observed.networks.values.map(\.subnet)
    let dynamic = IPv4Subnet("172.28.\(observed.networks.count).0/24")
    guard let subnet = definition.subnet ?? dynamic, !taken.contains(where: { $0.overlaps(subnet) })
    else { return }
    observed.networks[definition.name] = ObservedNetwork(
      name: definition.name, stack: definition.isExternal || random.oneIn(12) ? nil : "shop",
      definition: definition, subnet: subnet, gateway: subnet.first,
      fault: random.oneIn(6) ? "its bridge is gone" : nil,
      otherUsers: random.oneIn(10) ? ["blog-web-1"] : [])
  }

  mutating func add(_ instance: Instance, _ spec: ContainerSpec, _ observed: inout ObservedState) {
    if random.oneIn(5) { return }
    drawn += 1
    var container = ObservedContainer(
      id: containerID(random.number(0...999) * 1000 + drawn), instance: instance, spec: spec,
      image: observed.images[spec.image].flatMap { random.oneIn(6) ? nil : $0 } ?? digest("c"),
      createdAt: past(), ports: spec.template.ports, recentStarts: random.number(0...6),
      firstRun: random.oneIn(6) ? .milliseconds(random.pick([0, 70, 30_000])) : nil, state: state())
    for (key, attachment) in spec.template.networks {
      let name = spec.networkName(key)
      container.addresses[name] =
        attachment.address ?? observed.networks[name]?.subnet.address(at: UInt64(10 + drawn))
    }
    if case .running = container.state, random.oneIn(6) {
      container.lostNetworks = Set(container.addresses.keys.sorted().filter { _ in random.oneIn(2) })
    }
    observed.containers[container.id] = container
  }

  mutating func state() -> ContainerState {
    let started = past()
    switch random.number(0...19) {
    case 0: return .broken(reason: "its record is cut short")
    case 1, 2: return .created
    case 3...11:
      return .running(
        .init(
          pid: 1, startedAt: started, health: random.pick([.none, .starting, .healthy, .unhealthy]),
          stopping: random.oneIn(8) ? stopping() : nil))
    default:
      return .exited(
        .init(
          code: Int32(random.pick([0, 0, 1, 137])), startedAt: started,
          finishedAt: max(started, past()), wasStopped: random.oneIn(5),
          startFailure: random.oneIn(9) ? "no such file" : nil))
    }
  }

  mutating func stopping() -> ContainerState.Stopping {
    let since = past()
    return ContainerState.Stopping(since: since, killAt: since + .seconds(random.pick([0, 1, 10])))
  }
}
