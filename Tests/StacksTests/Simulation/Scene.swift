import Stacks

/// A stack and the machine that it is on, for tests that tell a story.
struct Scene {
  var stack = Stack(name: "shop") { didSet { desired = nil } }
  /// What the stack wants; nil: it is not worked out since the stack was changed.
  private var desired: DesiredState?
  var machine: SimulatedMachine
  var options = PlanOptions()

  /// A machine with the images `app:1` (`aaa…`), `app:2` (`bbb…`) and `db:1` (`ccc…`), and nothing else.
  init() throws {
    machine = SimulatedMachine(ObservedState(stack: "shop"), now: Moment(seconds: 1000))
    for (name, digit) in [("app:1", "a"), ("app:2", "b"), ("db:1", "c")] {
      machine.state.images[try ImageReference(name)] = digest(Character(digit))
    }
  }

  /// How the replicas of a service are replaced.
  mutating func update(_ name: String, _ policy: UpdatePolicy?) {
    stack.services[name]?.update = policy
    if policy?.order == .startFirst { machine.overlapping.insert(name) }
  }

  /// Adds a service on the network `default`, or replaces it.
  mutating func service(
    _ name: String, _ replicas: Int = 1, image: String = "app:1",
    after dependencies: [String: Dependency] = [:],
    _ change: (inout ContainerTemplate) -> Void = { _ in }
  ) throws {
    var template = ContainerTemplate(
      image: try ImageReference(image), networks: ["default": NetworkAttachment()])
    change(&template)
    stack.services[name] = Service(
      replicas: replicas, template: template, dependencies: dependencies)
    for key in template.networks.keys where stack.networks[key] == nil {
      stack.networks[key] = NetworkDefinition(name: "shop_" + key)
    }
  }

  /// Changes a service's template.
  mutating func edit(_ name: String, _ change: (inout ContainerTemplate) -> Void) {
    guard var service = stack.services[name] else { return }
    change(&service.template)
    stack.services[name] = service
  }

  var plan: Plan {
    Plan.make(from: machine.state, to: stack.lowered(), now: machine.now, options: options)
  }

  /// The plan, for one who makes many without a change of the stack between them.
  mutating func look() -> Plan {
    let desired = desired ?? stack.lowered()
    self.desired = desired
    return Plan.make(from: machine.state, to: desired, now: machine.now, options: options)
  }

  /// The plan's text, with the time to look again.
  var text: String { plan.text(now: machine.now) }

  /// What `down` would do.
  func down(removeVolumes: Bool = false) -> String {
    Plan.make(
      from: machine.state, to: .nothing(of: stack), now: machine.now,
      options: .down(removeVolumes: removeVolumes)
    ).text
  }

  /// Carries out plans until there is nothing more to do; every health check passes, and a second
  /// goes by after each plan.
  mutating func settle() throws {
    while !plan.isEmpty {
      try machine.perform(plan)
      for id in machine.state.containers.keys { setHealth(id, .healthy) }
      machine.now = machine.now + .seconds(1)
    }
  }

  func id(_ instance: String) throws -> ContainerID {
    guard let wanted = Instance(instance, stack: "shop"), let id = machine.id(of: wanted) else {
      throw ValueError(kind: "container of the scene", text: instance)
    }
    return id
  }

  subscript(_ instance: String) -> ObservedContainer {
    get throws { try machine.state.containers[id(instance)] ?? missing(instance) }
  }

  private func missing(_ instance: String) throws -> ObservedContainer {
    throw ValueError(kind: "container of the scene", text: instance)
  }

  mutating func setHealth(_ instance: String, _ health: Health) throws { setHealth(try id(instance), health) }

  private mutating func setHealth(_ id: ContainerID, _ health: Health) {
    guard case .running(var running)? = machine.state.containers[id]?.state, running.health != .none
    else { return }
    if running.health != health { running.healthSince = machine.now }
    running.health = health
    machine.state.containers[id]?.state = .running(running)
  }

  /// The container's process ends by itself, now.
  mutating func exit(_ instance: String, _ code: Int32, startFailure: String? = nil) throws {
    let id = try id(instance)
    guard case .running(let running)? = machine.state.containers[id]?.state else { return }
    machine.state.containers[id]?.state = .exited(
      .init(
        code: code, startedAt: running.startedAt, finishedAt: machine.now,
        startFailure: startFailure))
  }

  /// The container was asked to end and has not yet.
  mutating func stopping(_ instance: String, _ since: Moment, _ killAt: Moment) throws {
    let id = try id(instance)
    guard case .running(var running)? = machine.state.containers[id]?.state else { return }
    running.stopping = .init(since: since, killAt: killAt)
    machine.state.containers[id]?.state = .running(running)
  }

  /// The container is removed behind the engine's back.
  mutating func lose(_ instance: String) throws { machine.state.containers[try id(instance)] = nil }

  mutating func wait(_ span: Span) { machine.now = machine.now + span }
}
