import Stacks
import Testing

/// The loop of observing, planning and acting, on a machine and a clock made of values.
@Suite struct LoopTests {
  @Test func `a crash loop is slowed down to a start a minute`() throws {
    var scene = try Scene()
    try scene.service("web") { $0.restart = .always }
    var world = World(scene)
    world.lifetime["web"] = .milliseconds(20)
    try world.run(until: Moment(seconds: 1000) + .seconds(400))
    let gaps = zip(world.starts.dropFirst(), world.starts).map { ($0 - $1).nanoseconds / 1_000_000 }
    #expect(
      gaps == [20, 120, 220, 420, 820, 1620, 3220, 6420, 12820, 25620, 51220, 60020, 60020, 60020, 60020])
  }

  @Test func `a run of ten seconds makes the next failure the first again`() throws {
    var scene = try Scene()
    try scene.service("web") { $0.restart = .onFailure(maximum: nil) }
    var world = World(scene)
    world.lifetime["web"] = .seconds(10)
    try world.run(until: Moment(seconds: 1000) + .seconds(65))
    #expect(
      world.starts.map { ($0 - Moment(seconds: 1000)).nanoseconds / 1_000_000_000 } == [
        0, 10, 20, 30, 40, 50, 60,
      ])
    #expect(world.passes < 20, "it looks only when there is something to see")
  }

  @Test func `a stack with health checks and jobs comes up in stages`() throws {
    var scene = try Scene()
    try scene.service("db", image: "db:1") { $0.healthcheck = Healthcheck(test: .shell("true")) }
    try scene.service("migrate", after: ["db": Dependency(condition: .healthy)])
    try scene.service("web", 2, after: ["migrate": Dependency(condition: .completed)])
    var world = World(scene)
    world.lifetime["migrate"] = .seconds(3)
    try world.run(until: Moment(seconds: 2000))
    #expect(world.log == ["0s start db:1", "2s start migrate:1", "5s start web:1", "5s start web:2"])
    #expect(world.scene.plan == Plan(stack: "shop"))
  }

  @Test func `whatever is killed or removed, the stack comes back`() throws {
    for seed in UInt64(1)...60 {
      var random = SeededRandom(seed: seed)
      var scene = try Scene()
      try scene.service("db", image: "db:1") {
        $0.healthcheck = Healthcheck(test: .shell("true"))
        $0.restart = .always
      }
      try scene.service("api", 2, after: ["db": Dependency(condition: .healthy, restart: true)]) {
        $0.restart = .onFailure(maximum: nil)
      }
      try scene.service("web", 3, after: ["api": Dependency()]) { $0.restart = .unlessStopped }
      var world = World(scene)
      for _ in 0..<20 {
        try world.run(until: world.scene.machine.now + .milliseconds(Int64(random.number(0...4000))))
        world.harm(&random)
      }
      try world.run(until: world.scene.machine.now + .seconds(600))
      let summary = ServiceSummary.list(world.scene.machine.state, world.scene.stack.lowered())
      #expect(summary.map(\.count) == ["2/2", "1/1", "3/3"], "seed \(seed): \(world.scene.text)")
      #expect(world.scene.plan == Plan(stack: "shop"), "seed \(seed): \(world.scene.text)")
    }
  }

  @Test func `a stopped clock that was set back does not keep a container down`() throws {
    var scene = try Scene()
    try scene.service("web") { $0.restart = .always }
    try scene.settle()
    try scene.exit("web:1", 1)
    scene.wait(.seconds(-3600))
    #expect(scene.plan.steps.map(\.action.description) == ["start web:1"])
  }
}

/// What happens on the machine beside the engine: processes end, and checks pass after two seconds.
struct World {
  var scene: Scene
  /// How long a service's containers run before they exit with 0 (jobs) or 1; others run on.
  var lifetime: [String: Span] = [:]
  var starts: [Moment] = []
  var log: [String] = []
  var passes = 0
  private let beginning: Moment

  init(_ scene: Scene) {
    self.scene = scene
    beginning = scene.machine.now
  }

  mutating func run(until end: Moment) throws {
    while true {
      let plan = scene.plan
      passes += 1
      scene.machine.beginPass()
      for step in plan.steps {
        try scene.machine.perform(step.action)
        guard case .start = step.action else { continue }
        starts.append(scene.machine.now)
        log.append("\(scene.machine.now - beginning) \(step.action)")
      }
      if !plan.isEmpty, !happen() { continue }
      let next = [plan.isEmpty ? plan.lookAgain : scene.plan.lookAgain, nextEvent()].compactMap { $0 }.min()
      guard let next, next <= end else {
        scene.machine.now = end
        return
      }
      scene.machine.now = max(next, scene.machine.now)
      _ = happen()
    }
  }

  /// When the next process ends or check passes.
  private func nextEvent() -> Moment? {
    scene.machine.state.containers.values.compactMap { events(of: $0).map(\.at).min() }.min()
  }

  private func events(of container: ObservedContainer) -> [(at: Moment, state: ContainerState)] {
    guard case .running(var running) = container.state else { return [] }
    var events: [(at: Moment, state: ContainerState)] = []
    if running.health == .starting {
      running.health = .healthy
      events.append((running.startedAt + .seconds(2), .running(running)))
    }
    if let span = lifetime[container.instance.slot.service] {
      let code: Int32 = container.spec.template.restart == .no ? 0 : 1
      let at = running.startedAt + span
      events.append((at, .exited(.init(code: code, startedAt: running.startedAt, finishedAt: at))))
    }
    return events
  }

  /// Lets everything happen that is due; false: nothing was.
  private mutating func happen() -> Bool {
    var isChanged = false
    for (id, container) in scene.machine.state.containers {
      guard let event = events(of: container).min(by: { $0.at < $1.at }), event.at <= scene.machine.now
      else { continue }
      scene.machine.state.containers[id]?.state = event.state
      isChanged = true
    }
    return isChanged
  }

  /// Kills, removes or cuts short something.
  mutating func harm(_ random: inout SeededRandom) {
    let present = scene.machine.state.containers.values.sorted { $0.id < $1.id }
    guard !present.isEmpty else { return }
    let victim = random.pick(present)
    switch random.number(0...3) {
    case 0: scene.machine.state.containers[victim.id] = nil
    case 1: scene.machine.state.containers[victim.id]?.state = .broken(reason: "a crash")
    default:
      guard case .running(let running) = victim.state else { return }
      scene.machine.state.containers[victim.id]?.state = .exited(
        .init(code: 137, startedAt: running.startedAt, finishedAt: scene.machine.now))
    }
  }
}
