import Stacks
import Testing

/// How many replicas a service has that is scaled by its use, in simulated time.
@Suite struct AutoscaleTests {
  private let policy = Autoscale(
    minimum: 1, maximum: 8, targets: [.cpu(percent: 50)], interval: .seconds(15), upAfter: .seconds(30),
    downAfter: .seconds(300))

  private func sample(_ at: Int64, _ replicas: Int, _ values: Double...) -> ScalingSample {
    ScalingSample(
      at: Moment(seconds: at), replicas: replicas,
      values: Dictionary(uniqueKeysWithValues: values.enumerated().map { ($0.offset, $0.element) }))
  }

  /// What single looks ask for where nothing is waited for.
  @Test(
    arguments: [
      // Replicas, CPU of all together, wanted.
      (2, 100.0, nil), (2, 109.0, nil), (2, 91.0, nil), (2, 112.0, 3), (2, 88.0, nil), (2, 49.0, 1),
      (2, 0.0, 1),
      (2, 1000.0, 8), (1, 0.0, nil), (8, 900.0, nil), (4, 151.0, nil), (4, 149.0, 3), (3, .nan, nil),
      (3, -5.0, nil), (3, .infinity, nil),
    ] as [(Int, Double, Int?)])
  func `one look`(replicas: Int, cpu: Double, wanted: Int?) {
    var eager = policy
    eager.upAfter = .zero
    eager.downAfter = .zero
    var history = ScalingHistory()
    #expect(history.decide(sample(0, replicas, cpu), eager, current: replicas)?.replicas == wanted)
  }

  @Test func `the target that asks for most counts, one that cannot be had does not`() {
    var policy = Autoscale(
      maximum: 9, targets: [.cpu(percent: 50), .memory(100 << 20), .command(["queue"], share: 10)],
      downAfter: .zero)
    var history = ScalingHistory()
    #expect(
      history.decide(sample(0, 2, 100, Double(500 << 20), 75), policy, current: 2)
        == .init(replicas: 8, reason: "queue tells 37.5 for each replica, wanted is 10"))
    history = ScalingHistory()
    #expect(
      history.decide(sample(0, 2, 100, Double(500 << 20)), policy, current: 2)
        == .init(replicas: 5, reason: "each replica uses 250 MiB, wanted is 100 MiB"))
    history = ScalingHistory()
    #expect(
      history.decide(sample(0, 2, 160), policy, current: 2)
        == .init(replicas: 4, reason: "each replica uses 80% of a CPU, wanted is 50%"))
    history = ScalingHistory()
    #expect(history.decide(sample(0, 2), policy, current: 2) == nil)
    #expect(history.decide(sample(1, 0, 500), policy, current: 2) == nil)
    policy.maximum = 1
    #expect(
      history.decide(sample(2, 0), policy, current: 2)
        == .init(replicas: 1, reason: "there are to be 1 to 1"))
  }

  @Test func `more replicas come when every look of the time has asked for more`() {
    var history = ScalingHistory()
    #expect(history.decide(sample(0, 2, 400), policy, current: 2) == nil)
    #expect(history.decide(sample(15, 2, 150), policy, current: 2) == nil)
    // The least of what was asked for.
    #expect(history.decide(sample(30, 2, 400), policy, current: 2)?.replicas == 3)
    #expect(history.decide(sample(45, 3, 150), policy, current: 3) == nil)
    #expect(history.decide(sample(60, 3, 400), policy, current: 3) == nil)
    #expect(history.decide(sample(75, 3, 400), policy, current: 3) == nil)
    #expect(history.decide(sample(90, 3, 400), policy, current: 3)?.replicas == 8)
  }

  @Test func `fewer come when every look of the time has asked for fewer`() {
    var history = ScalingHistory()
    for time in stride(from: Int64(0), to: 300, by: 15) {
      #expect(history.decide(sample(time, 8, 40), policy, current: 8) == nil, "at \(time)")
    }
    #expect(history.decide(sample(300, 8, 140), policy, current: 8)?.replicas == 3)
  }

  @Test func `a short rest is no reason to go down, a short peak none to go up`() {
    var history = ScalingHistory()
    var counts: Set<Int> = []
    for round in 0..<100 {
      let cpu = round % 10 == 9 ? 30.0 : round % 10 == 4 ? 900.0 : 200.0
      let decision = history.decide(sample(Int64(round * 15), 4, cpu), policy, current: 4)
      counts.insert(decision?.replicas ?? 4)
    }
    #expect(counts == [4])
  }

  /// However the load goes: the number stays within its limits, comes to what a steady load needs, and then
  /// stays there.
  @Test func `it arrives, and does not swing`() {
    for seed in UInt64(1)...300 {
      var random = SeededRandom(seed: seed)
      var history = ScalingHistory()
      let policy = Autoscale(
        minimum: random.number(1...3), maximum: random.number(3...10), targets: [.cpu(percent: 50)],
        upAfter: .seconds(Int64(random.pick([0, 15, 60]))),
        downAfter: .seconds(Int64(random.pick([0, 60, 300]))))
      var replicas = random.number(0...12)
      var time: Int64 = 0
      func step(_ load: Double) -> Bool {
        time += 15
        // No replica uses more than one CPU.
        let used = min(load, Double(replicas) * 100)
        guard let decision = history.decide(sample(time, replicas, used), policy, current: replicas) else {
          return false
        }
        let isRight =
          decision.replicas != replicas && (policy.minimum...policy.maximum).contains(decision.replicas)
        #expect(isRight, "seed \(seed): \(replicas) → \(decision)")
        replicas = decision.replicas
        return true
      }
      for _ in 0..<random.number(0...40) { _ = step(Double(random.number(0...600))) }
      let load = Double(random.number(0...600))
      for _ in 0..<100 { _ = step(load) }
      let before = replicas
      for _ in 0..<100 where step(load) {
        Issue.record("seed \(seed): \(before) → \(replicas) under a steady load of \(load)")
        return
      }
      let share = load / Double(replicas) / 50
      let isEnough = share <= 1.1 || replicas == policy.maximum
      let isNotTooMuch = share >= 0.9 || replicas == policy.minimum || load / Double(replicas - 1) > 45
      #expect(isEnough && isNotTooMuch, "seed \(seed): \(replicas) replicas for \(load), \(policy)")
    }
  }

  @Test func `the number is kept over a change of the file, and set by hand within its limits`() throws {
    var scene = try Scene()
    try scene.service("web", 2)
    scene.stack.services["web"]?.autoscale = policy
    let file = scene.stack
    let scaled = try #require(
      scene.stack.autoscaled("web", to: .init(replicas: 5, reason: "each replica uses 80% of a CPU")))
    #expect(scaled.services["web"]?.replicas == 5)
    let next = file.succeeding(scaled)
    #expect(next.services["web"]?.replicas == 5)
    #expect(
      Plan.make(from: scene.machine.state, to: next.lowered(), now: scene.machine.now).notes == [
        "web has 5 replicas, which may be 1 to 8: each replica uses 80% of a CPU"
      ])
    var narrow = file
    narrow.services["web"]?.autoscale?.maximum = 3
    #expect(narrow.succeeding(scaled).services["web"]?.replicas == 3)
    var fixed = file
    fixed.services["web"]?.autoscale = nil
    #expect(fixed.succeeding(scaled).services["web"]?.replicas == 2)
    #expect(try scaled.scaled(["web": 8]).services["web"]?.replicas == 8)
    #expect(throws: ValueError.self) { try scaled.scaled(["web": 9]) }
    #expect(scaled.goingBack(to: file).services["web"]?.replicas == 5)
    #expect(try scaled.stopping().autoscaled("web", to: .init(replicas: 3, reason: "")) == nil)
    #expect(
      fixed.changes(to: file).map(\.description) == [
        "services.web.x-autoscale: none → 1 to 8, cpu 50.0, every 15s, up after 30s, down after 5m0s"
      ])
  }

  @Test(arguments: [
    (nil, "35", 35), (nil, " 3.5\n", 3.5), (nil, "1 2", nil), (nil, "", nil), ("jobs", "jobs 4", 4),
    ("jobs", "# HELP jobs 1\njobs{a=\"} 9\",b=\"c d\"} 4 1700000000\njobs{a=\"e\"} 0.5\njobs_total 7\n", 4.5),
    ("jobs", "jobs_total 7\n", nil), ("jobs", "jobs{a=\"b\" 4", nil), ("jobs", "35", nil),
  ])
  func `a number is found in what a replica answers`(_ name: String?, _ body: String, _ number: Double?) {
    #expect(HTTPMetric(port: 80, name: name).value(in: body) == number)
  }
}
