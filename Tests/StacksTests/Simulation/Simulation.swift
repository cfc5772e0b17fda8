import Stacks

/// The life of one stack that a seed determines: a user who changes it, processes that come up, fail and
/// die, an engine that looks, plans, acts and may crash between any two steps.
///
/// It is checked all along that no step is one that a machine would refuse, that an update takes away no
/// more than its policy allows, and that no two containers are the same replica; and at the end that the
/// stack is as wanted once faults have stopped, and that nothing of it is left when it is taken down.
struct Simulation {
  /// What happens besides the user's changes.
  enum Weather: CaseIterable {
    /// Nothing: only new versions may be bad, and availability is measured.
    case calm
    /// Processes die, steps fail, wake-ups are lost, the engine crashes, the disk is full.
    case stormy
  }

  let seed: UInt64
  let weather: Weather
  var scene: Scene
  var random: SeededRandom
  /// What was wrong; empty: nothing.
  var violations: [String] = []
  /// What happened, for the one who reads a violation. It takes time to word, so that it is empty unless
  /// `keepsTrail`: a life that went wrong is lived again for it.
  var trail: [String] = []
  let keepsTrail: Bool
  /// Faults happen; false in calm weather and at the end.
  var isStormy: Bool
  /// Availability is measured; false until the stack is up for the first time.
  var isMeasured = false
  /// Versions whose containers never become healthy, or exit soon.
  var badVersions: Set<String> = []
  var version = 1
  var diskIsFull = false
  /// How often one-off containers were started, by key.
  var runs: [String: Int] = [:]
  /// How many plans were made.
  var passes = 0

  init(seed: UInt64, weather: Weather, keepsTrail: Bool = false) throws {
    self.seed = seed
    self.weather = weather
    self.keepsTrail = keepsTrail
    random = SeededRandom(seed: seed &* 2 &+ (weather == .calm ? 0 : 1))
    scene = try Scene()
    isStormy = weather == .stormy
    try drawStack()
  }

  var now: Moment { scene.machine.now }

  mutating func run() throws {
    settle(within: .seconds(600))
    isMeasured = weather == .calm
    for _ in 0..<random.number(1...3) {
      try change()
      live(for: .milliseconds(Int64(random.pick([50, 2000, 30_000, 300_000]))))
      if !violations.isEmpty { return }
    }
    isMeasured = false
    isStormy = false
    diskIsFull = false
    try makeGood()
    settle(within: .seconds(7200))
    checkArrival()
    if violations.isEmpty { takeDown() }
  }

  /// Lets the engine and the machine go on for a while.
  mutating func live(for span: Span) {
    let end = now + span
    while now < end, violations.isEmpty { pass(until: end) }
  }

  /// Lets them go on until nothing more is to be done.
  private mutating func settle(within span: Span) {
    let end = now + span
    var plan: Plan?
    while now < end, violations.isEmpty {
      pass(until: end, plan)
      plan = nil
      guard violations.isEmpty, nextEvent == nil else { continue }
      let next = scene.look()
      if next == Plan(stack: "shop") { return }
      // Nothing happens before the next pass, which would make the same plan.
      plan = next
    }
  }

  /// One pass of the engine, or a wait for what happens next. `known` is what it would plan now;
  /// nil: that is not worked out yet.
  private mutating func pass(until end: Moment, _ known: Plan? = nil) {
    passes += 1
    if passes > 5000 { return violate("it is never done: \(scene.text)") }
    let plan = known ?? scene.look()
    if let next = scene.stack.following(plan) {
      note("\(plan.updates.map { "\($0.key): \($0.value)" }.sorted())")
      scene.stack = next
      return
    }
    if let next = scene.stack.noting(scene.machine.state) {
      scene.stack = next
      return
    }
    check(plan)
    if plan.isEmpty, let next = scene.stack.givingUp(plan.blocked.keys.map(\.service)) {
      scene.stack = next
      return
    }
    guard plan.isEmpty else { return execute(plan) }
    if let next = scene.stack.carryingOut(plan, scene.machine.state) {
      note("what was asked of observed services is done")
      scene.stack = next
      return
    }
    // A wake-up that is lost leaves the engine asleep until the next one.
    repeat {
      let next = [plan.lookAgain, nextEvent, end].compactMap { $0 }.min() ?? end
      scene.machine.now = max(next, now)
      happen()
    } while isStormy && now < end && nextEvent != nil && random.oneIn(8)
  }

  /// Carries a plan out in some order that its edges allow.
  private mutating func execute(_ plan: Plan) {
    var rest = plan.steps
    var done = [Bool](repeating: false, count: rest.count + 1)
    var isDisturbed = false
    scene.machine.beginPass()
    while true {
      let ready = rest.indices.filter { rest[$0].after.allSatisfy { done[$0] } }
      guard !ready.isEmpty else { break }
      let step = rest.remove(at: random.pick(ready))
      scene.machine.now = now + .milliseconds(Int64(random.number(0...20)))
      if isStormy {
        if random.oneIn(40) {
          note("the engine crashes")
          scene.machine.now = now + .seconds(Int64(random.number(1...5)))
          return
        }
        if random.oneIn(20) { isDisturbed = kill() || isDisturbed }
        if random.oneIn(30) || (diskIsFull && step.action.needsDisk) {
          fail(step)
          continue
        }
      }
      do {
        try scene.machine.perform(step.action)
        note("\(step.action): \(step.reason)")
        done[step.number] = true
        count(step)
        measure(after: step)
      } catch {
        // What happened since the look may have made a step needless.
        if !isDisturbed { violate("\(error) in\n\(plan.text)") }
      }
    }
    if !plan.steps.allSatisfy({ done[$0.number] }) { scene.machine.now = now + .seconds(1) }
  }

  /// A step fails, with nothing or half of it done.
  private mutating func fail(_ step: Step) {
    note("fails: \(step.action)")
    guard let instance = step.action.instance else { return }
    switch step.action {
    case .create where random.oneIn(2):
      do { try scene.machine.perform(step.action) } catch { return }
      guard let id = scene.machine.id(of: instance) else { return }
      scene.machine.state.containers[id]?.state = .broken(reason: "its creation was cut short")
    case .start:
      guard let id = scene.machine.id(of: instance), let container = scene.machine.state.containers[id],
        !container.isUp
      else { return }
      scene.machine.state.containers[id]?.recentStarts = container.recentStartsWhenStarted
      scene.machine.state.containers[id]?.firstRun = container.firstRunWhenStarted
      let end = ContainerState.Exited(
        code: 128, startedAt: now, finishedAt: now, startFailure: "no space left on device")
      scene.machine.state.containers[id]?.state = .exited(end)
    default: break
    }
  }

  /// Takes the stack down, and checks that nothing of it is left.
  private mutating func takeDown() {
    for _ in 0..<20 {
      let plan = Plan.make(
        from: scene.machine.state, to: .nothing(of: scene.stack), now: now, options: .down())
      if plan.isEmpty { break }
      execute(plan)
    }
    let left = scene.machine.state.containers.values.map(\.instance.description).sorted()
    if !left.isEmpty { violate("after down there are still \(left)") }
    let networks = scene.machine.state.networks.values.filter { $0.stack == "shop" }.map(\.name)
    if !networks.isEmpty { violate("after down there are still \(networks)") }
  }

  mutating func note(_ event: @autoclosure () -> String) {
    if keepsTrail { trail.append("\(now - Moment(seconds: 1000)) \(event())") }
  }

  mutating func violate(_ what: String) {
    violations.append(
      "seed \(seed), \(weather): \(what)\n" + trail.suffix(40).map { "  \($0)\n" }.joined())
  }
}

extension Action {
  fileprivate var needsDisk: Bool {
    switch self {
    case .create, .createVolume, .createNetwork: true
    case .start, .stop, .remove, .update, .removeNetwork, .removeVolume: false
    }
  }
}

extension ObservedContainer {
  var isUp: Bool { if case .running = state { true } else { false } }
}
