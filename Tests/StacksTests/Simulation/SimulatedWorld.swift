import Stacks

// What happens in a simulation besides what the engine does.

extension Simulation {
  mutating func drawStack() throws {
    let names = ["db", "api", "web"].prefix(random.number(1...3))
    for (index, name) in names.enumerated() {
      var dependencies: [String: Dependency] = [:]
      for other in names.prefix(index) where random.oneIn(2) {
        let hasCheck = scene.stack.services[other]?.template.healthcheck != nil
        dependencies[other] = Dependency(
          condition: hasCheck && random.oneIn(2) ? .healthy : .started,
          restart: isStormy && random.oneIn(4))
      }
      let hasCheck = !random.oneIn(3)
      let policy = random.pick([RestartPolicy.always, .always, .unlessStopped, .onFailure(maximum: nil)])
      try scene.service(
        name, random.number(1...4), image: random.pick(["app:1", "db:1"]), after: dependencies
      ) {
        if hasCheck {
          $0.healthcheck = Healthcheck(test: .shell("true"), interval: .seconds(1), timeout: .seconds(1))
        }
        $0.restart = policy
        $0.environment["V"] = "1"
      }
      if isStormy, random.oneIn(4) { scene.stack.services[name]?.reconciliation = .observe }
      if weather == .calm || random.oneIn(2) { scene.update(name, drawPolicy()) }
    }
  }

  private mutating func drawPolicy() -> UpdatePolicy {
    UpdatePolicy(
      parallelism: random.number(1...2), delay: .seconds(Int64(random.pick([0, 0, 1, 10]))),
      failureAction: random.pick([.pause, .pause, .rollback, .continue]),
      monitor: .seconds(Int64(random.pick([0, 2, 5, 20]))), maxFailureRatio: random.pick([0, 0, 0.3]),
      order: random.pick([.stopFirst, .startFirst]))
  }

  /// The user changes something.
  mutating func change() throws {
    let before = scene.stack
    let name = random.pick(scene.stack.services.keys.sorted())
    switch isStormy ? random.number(0...7) : 0 {
    case 0, 1:
      deploy(name, isBad: random.oneIn(3))
      scene.stack = try scene.stack.succeeding(before).asking(at: now)
    case 2: scene.stack = try scene.stack.scaled([name: random.number(0...4)])
    case 3: scene.stack = try scene.stack.stopping([name])
    case 4: scene.stack = try scene.stack.asking(for: [name], at: now, restart: true)
    case 5, 6: try run(name)
    default:
      scene.stack.services[name]?.template.resources.memoryLimit = UInt64(random.number(1...9)) << 20
      diskIsFull = random.oneIn(3)
    }
    note("the user changes \(name)")
  }

  /// The user runs something beside a service, or takes such a container away.
  private mutating func run(_ name: String) throws {
    if let key = scene.stack.oneOffs.keys.min(), random.oneIn(3) {
      scene.stack = try scene.stack.discarding([key])
      return
    }
    let how = RunChanges(
      ignoresDependencies: random.oneIn(3), keptFor: random.pick([nil, .zero, .seconds(10)]))
    let key = "\(name)-run-\(passes)"
    guard let oneOff = scene.stack.oneOff(of: name, as: key, how) else { return }
    scene.stack = try scene.stack.running(
      oneOff, as: key, over: scene.stack, startsDependencies: !how.ignoresDependencies, at: now)
  }

  private mutating func deploy(_ name: String, isBad: Bool) {
    version += 1
    let text = "\(version)"
    scene.edit(name) { $0.environment["V"] = text }
    if isBad { badVersions.insert(text) }
    note("version \(text) of \(name), \(isBad ? "bad" : "good")")
  }

  /// The user mends whatever is bad, and asks for all.
  mutating func makeGood() throws {
    let before = scene.stack
    for (name, service) in scene.stack.services.sorted(by: { $0.key < $1.key }) {
      if let current = service.template.environment["V"], let current, badVersions.contains(current) {
        deploy(name, isBad: false)
      }
    }
    scene.stack = try scene.stack.succeeding(before).asking(at: now)
    note("the user mends it")
  }

  /// When the next process ends or the next health check changes.
  var nextEvent: Moment? { scene.machine.state.containers.values.compactMap { event(of: $0)?.at }.min() }

  /// Lets everything happen that is due.
  mutating func happen() {
    if isStormy, random.oneIn(6) { _ = kill() }
    for container in scene.machine.state.containers.values.sorted(by: { $0.id < $1.id }) {
      guard let event = event(of: container), event.at <= now else { continue }
      scene.machine.state.containers[container.id]?.state = event.state
      note("\(container.instance) is \(event.state.word)")
    }
  }

  /// What a container does next by itself: a check passes or fails, or a bad version exits.
  private func event(of container: ObservedContainer) -> (at: Moment, state: ContainerState)? {
    guard case .running(var running) = container.state else { return nil }
    // What is well goes on.
    guard running.health == .starting || running.health == .none || container.spec.oneOffOf != nil
    else { return nil }
    let isBad = isBad(container)
    var chance = SeededRandom(
      seed: seed &+ UInt64(bitPattern: running.startedAt.nanoseconds) &* 31
        &+ UInt64(container.instance.slot.number * 64 + container.instance.generation))
    let isSlow = chance.oneIn(5)
    let at = running.startedAt + .milliseconds(Int64(chance.number(isSlow ? 2000...40_000 : 5...1900)))
    if running.health == .starting {
      if isBad, chance.oneIn(2) { return (at, .exited(exit(1, running, at))) }
      running.health = isBad ? .unhealthy : .healthy
      running.healthSince = at
      return (at, .running(running))
    }
    if container.spec.oneOffOf != nil {
      let end = at + .seconds(Int64(chance.number(0...60)))
      return (end, .exited(exit(Int32(chance.number(0...1)), running, end)))
    }
    if isBad, running.health == .none { return (at, .exited(exit(1, running, at))) }
    return nil
  }

  private func isBad(_ container: ObservedContainer) -> Bool {
    if badVersions.isEmpty { return false }
    return container.spec.template.environment["V"].map { badVersions.contains($0 ?? "") } ?? false
  }

  private func exit(_ code: Int32, _ running: ContainerState.Running, _ at: Moment) -> ContainerState.Exited {
    .init(code: code, startedAt: running.startedAt, finishedAt: at)
  }

  /// A process is killed, a container is lost, or a check begins to fail. False: there was none.
  mutating func kill() -> Bool {
    // A one-off container is noted as begun by the look that follows its start.
    let present = scene.machine.state.containers.values.sorted { $0.id < $1.id }
      .filter { scene.stack.oneOffs[$0.instance.slot.service]?.isBegun != false }
    guard !present.isEmpty else { return false }
    let victim = random.pick(present)
    switch (random.number(0...5), victim.state) {
    case (0, _): scene.machine.state.containers[victim.id] = nil
    case (1, _): scene.machine.state.containers[victim.id]?.state = .broken(reason: "a crash")
    case (_, .running(let running)):
      let end = exit(137, running, now)
      scene.machine.state.containers[victim.id]?.state = .exited(end)
    default: return false
    }
    note("harm to \(victim.instance)")
    return true
  }
}
