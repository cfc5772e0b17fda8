import Stacks

/// A machine made of values: it carries out actions on an observed state, and refuses each that a
/// real one would refuse.
struct SimulatedMachine {
  struct Illegal: Error, CustomStringConvertible {
    let action: Action
    let why: String
    var description: String { "\(action): \(why)" }
  }

  var state: ObservedState
  var now: Moment
  /// The services in whose slots a successor may be made beside what runs.
  var overlapping: Set<String> = []
  /// How many containers were ever made.
  private var drawn = 0
  /// The generations that were removed in this pass: a replacement needs a higher one.
  private var used: [Slot: Int] = [:]

  init(_ state: ObservedState, now: Moment) {
    self.state = state
    self.now = now
  }

  mutating func perform(_ action: Action) throws(Illegal) {
    func refuse(_ why: String) -> Illegal { Illegal(action: action, why: why) }
    switch action {
    case .createNetwork(_, let definition):
      if let why = makeNetwork(definition) { throw refuse(why) }
    case .removeNetwork(let name):
      guard let network = state.networks[name] else { throw refuse("there is no such network") }
      guard network.stack == state.stack else { throw refuse("it is not the stack's") }
      guard network.otherUsers.isEmpty else { throw refuse("others use it") }
      if let user = state.containers.values.first(where: { $0.networks.contains(name) }) {
        throw refuse("\(user.instance) is attached")
      }
      state.networks[name] = nil
    case .createVolume(_, let definition):
      guard state.volumes[definition.name] == nil else { throw refuse("it exists") }
      guard !definition.isExternal else { throw refuse("it is external") }
      state.volumes[definition.name] = ObservedVolume(
        name: definition.name, stack: state.stack, definition: definition)
    case .removeVolume(let name):
      guard let volume = state.volumes[name] else { throw refuse("there is no such volume") }
      guard volume.stack == state.stack, volume.otherUsers.isEmpty else { throw refuse("not ours") }
      if let user = state.containers.values.first(where: { $0.volumes.contains(name) }) {
        throw refuse("\(user.instance) mounts it")
      }
      state.volumes[name] = nil
    case .create(let instance, let spec, let image):
      if let why = create(instance, spec, image) { throw refuse(why) }
    case .start(let instance):
      guard let id = id(of: instance), let container = state.containers[id] else {
        throw refuse("there is no such container")
      }
      switch container.state {
      case .broken, .running: throw refuse("it is \(container.state.word)")
      case .created, .exited: break
      }
      if let why = missing(for: container.spec) { throw refuse(why) }
      let check = container.spec.template.healthcheck
      let health: Health = check == nil || check?.isDisabled == true ? .none : .starting
      state.containers[id]?.recentStarts = container.recentStartsWhenStarted
      state.containers[id]?.firstRun = container.firstRunWhenStarted
      state.containers[id]?.state = .running(.init(pid: 1, startedAt: now, health: health))
      state.containers[id]?.lostNetworks = []
    case .stop(let instance, _, _, let cause):
      guard let id = id(of: instance), case .running(let running)? = state.containers[id]?.state
      else { throw refuse("it does not run") }
      state.containers[id]?.state = .exited(
        .init(
          code: 143, startedAt: running.startedAt, finishedAt: now, wasStopped: cause != .unhealthy,
          wasUnhealthy: cause == .unhealthy))
    case .remove(let instance, _):
      guard let id = id(of: instance) else { throw refuse("there is no such container") }
      if case .running? = state.containers[id]?.state { throw refuse("it runs") }
      used[instance.slot] = max(used[instance.slot] ?? 0, instance.generation)
      state.containers[id] = nil
    case .update(let instance, let spec):
      if let why = update(instance, spec) { throw refuse(why) }
    }
  }

  /// Forgets which generations were removed before.
  mutating func beginPass() { used = [:] }

  /// Carries out a whole plan in the order of its steps.
  mutating func perform(_ plan: Plan) throws(Illegal) {
    beginPass()
    for step in plan.steps { try perform(step.action) }
  }

  func id(of instance: Instance) -> ContainerID? {
    state.containers.values.first { $0.instance == instance }?.id
  }

  private mutating func makeNetwork(_ wanted: NetworkDefinition) -> String? {
    if wanted.isExternal { return "it is external" }
    if let found = state.networks[wanted.name] {
      if found.isUp { return "it exists" }
      if found.stack != state.stack { return "it is not the stack's" }
      if found.definition != wanted { return "it is down, and another" }
      state.networks[wanted.name]?.fault = nil
      return nil
    }
    let taken = state.networks.values.map(\.subnet)
    let free = (0..<255).lazy.compactMap { IPv4Subnet("172.30.\($0).0/24") }
      .first { candidate in !taken.contains { $0.overlaps(candidate) } }
    guard let subnet = wanted.subnet ?? free else { return "no subnet is free" }
    if taken.contains(where: { $0.overlaps(subnet) }) { return "\(subnet) is in use" }
    state.networks[wanted.name] = ObservedNetwork(
      name: wanted.name, stack: state.stack, definition: wanted, subnet: subnet,
      gateway: wanted.gateway ?? subnet.first)
    return nil
  }

  private mutating func create(
    _ instance: Instance, _ spec: ContainerSpec, _ image: Digest
  ) -> String? {
    if instance.slot != spec.slot { return "the spec is another slot's" }
    if let before = used[instance.slot], instance.generation <= before {
      return "generation \(before) was there in this pass"
    }
    let name = spec.name
    for other in state.containers.values {
      if other.instance.slot == instance.slot {
        guard overlapping.contains(instance.slot.service), other.generation < instance.generation,
          other.spec.name == name,
          state.containers.values.count(where: { $0.instance.slot == instance.slot }) == 1
        else { return "\(other.instance) is in the slot" }
        continue
      }
      if other.spec.name == name { return "\(other.instance) has the name \(name)" }
    }
    if state.otherNames[name] != nil { return "another stack has the name \(name)" }
    if state.images[spec.template.image] != image { return "the image is not stored" }
    var mounted: [ImageReference: Digest] = [:]
    for image in spec.template.mountedImages {
      guard let digest = state.images[image] else { return "the image \(image) is not stored" }
      mounted[image] = digest
    }
    if let why = missing(for: spec) { return why }
    var addresses: [String: IPv4Address] = [:]
    for (key, attachment) in spec.template.networks {
      let name = spec.networkName(key)
      let taken = Set(state.containers.values.compactMap { $0.addresses[name] })
      guard let network = state.networks[name] else { return "network \(name) is missing" }
      // Dynamic addresses come from the end, out of the way of those that files fix.
      let dynamic = (2..<250).lazy.compactMap { network.subnet.address(at: 252 - $0) }
        .first { !taken.contains($0) }
      guard let address = attachment.address ?? dynamic else { return "no address is free" }
      if taken.contains(address) { return "address \(address) is in use" }
      addresses[name] = address
    }
    drawn += 1
    let id = containerID(1_000_000 + drawn)
    state.containers[id] = ObservedContainer(
      id: id, instance: instance, spec: spec, image: image, mountedImages: mounted, createdAt: now,
      addresses: addresses, ports: spec.template.ports)
    return nil
  }

  private func missing(for spec: ContainerSpec) -> String? {
    for key in spec.template.networks.keys {
      guard let network = state.networks[spec.networkName(key)] else { return "no network \(key)" }
      if !network.isUp { return "network \(key) is down" }
    }
    for key in spec.volumeKeys where state.volumes[spec.volumeName(key)] == nil {
      return "no volume \(key)"
    }
    return nil
  }

  private mutating func update(_ instance: Instance, _ spec: ContainerSpec) -> String? {
    guard let id = id(of: instance), let container = state.containers[id] else {
      return "there is no such container"
    }
    if case .broken = container.state { return "it is broken" }
    if instance.slot != spec.slot { return "the spec is another slot's" }
    // What cannot be mended now stays lost.
    state.containers[id]?.lostNetworks = container.lostNetworks.filter { state.networks[$0]?.isUp != true }
    if container.spec.image != spec.image, state.images[spec.image] != container.image {
      return "the image cannot change while it runs"
    }
    // What is left when all that a running container may change is set aside must be equal.
    func fixed(_ spec: ContainerSpec) -> ContainerSpec {
      var rest = spec
      rest.template.image = container.spec.image
      rest.template.labels = [:]
      rest.template.ports = []
      rest.template.resources = Resources()
      rest.template.healthcheck = nil
      rest.template.restart = .no
      rest.template.restartTiming = RestartTiming()
      rest.template.stopSignal = nil
      rest.template.stopGracePeriod = .zero
      rest.template.networks = rest.template.networks.mapValues {
        NetworkAttachment(address: $0.address)
      }
      return rest
    }
    if fixed(container.spec) != fixed(spec) { return "it changes what cannot change" }
    state.containers[id]?.spec = spec
    state.containers[id]?.ports = spec.template.ports
    return nil
  }
}

extension ContainerSpec {
  var image: ImageReference { template.image }
}

extension ObservedContainer {
  var generation: Int { instance.generation }
  var networks: Set<String> {
    Set(addresses.keys).union(spec.template.networks.keys.map { spec.networkName($0) })
  }
  var volumes: Set<String> { Set(spec.volumeKeys.map { spec.volumeName($0) }) }
}

/// The container ID that begins with the number in hexadecimal.
func containerID(_ number: Int) -> ContainerID {
  let digits = String(number, radix: 16)
  guard let id = ContainerID(digits + String(repeating: "0", count: 64 - digits.count)) else {
    preconditionFailure("\(number) is not the number of a container")
  }
  return id
}

/// The digest that is one digit 64 times.
func digest(_ digit: Character) -> Digest {
  guard let digest = Digest("sha256:" + String(repeating: digit, count: 64)) else {
    preconditionFailure("\(digit) is not a hexadecimal digit")
  }
  return digest
}
