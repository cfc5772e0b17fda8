import Stacks
import Testing

/// Updates by a policy, as whole plans one after another.
@Suite struct GoldenUpdateTests {
  /// Three replicas with a health check that were there before `user` changed.
  func outdated(_ policy: UpdatePolicy, check: Bool = true) throws -> Scene {
    var scene = try Scene()
    try scene.service("web", 3) {
      if check { $0.healthcheck = Healthcheck(test: .shell("true")) }
      $0.restart = .always
      $0.restartTiming.replacesUnhealthy = false
    }
    scene.update("web", policy)
    try scene.settle()
    scene.wait(.seconds(60))
    scene.edit("web") { $0.user = "7" }
    return scene
  }

  @Test func `stop-first replaces one replica after another, each when the last is healthy`() throws {
    var scene = try outdated(UpdatePolicy())
    #expect(
      scene.text == """
        1: stop web:1: user: the image's → 7
        2 ← 1: remove web:1: web:1@2 takes its place
        3 ← 2: create web:1@2 from sha256:aaaaaaaaaaaa: it takes the place of web:1
        4 ← 3: start web:1@2: it is new
        waiting web:2: it differs (user: the image's → 7), but it waits for its turn
        waiting web:3: it differs (user: the image's → 7), but it waits for its turn
        update of web: 0 of 3 replaced

        """)
    try scene.machine.perform(scene.plan)
    #expect(
      scene.text == """
        waiting web:2: it differs (user: the image's → 7), but it waits for its turn after 1: web:1@2 is not healthy yet
        waiting web:3: it differs (user: the image's → 7), but it waits for its turn after 1: web:1@2 is not healthy yet
        update of web: 1 of 3 replaced

        """)
    try scene.setHealth("web:1@2", .healthy)
    #expect(
      scene.text == """
        1: stop web:2: user: the image's → 7
        2 ← 1: remove web:2: web:2@2 takes its place
        3 ← 2: create web:2@2 from sha256:aaaaaaaaaaaa: it takes the place of web:2
        4 ← 3: start web:2@2: it is new
        waiting web:3: it differs (user: the image's → 7), but it waits for its turn
        update of web: 1 of 3 replaced

        """)
  }

  @Test func `one that failed and is well takes the old one's place when the user asks again`() throws {
    var scene = try outdated(UpdatePolicy(order: .startFirst))
    try scene.machine.perform(scene.plan)
    try scene.exit("web:1@2", 1)
    scene.wait(.seconds(1))
    try scene.machine.perform(scene.plan)
    try scene.setHealth("web:1@2", .healthy)
    scene.wait(.seconds(60))
    #expect(
      scene.text.contains("update of web: 1 of 3 replaced, paused: web:1@2 failed 0s after its start\n"))
    #expect(scene.plan.isEmpty)
    scene.stack = try scene.stack.asking(at: scene.machine.now)
    #expect(scene.text.contains("stop web:1: web:1@2 is in its place\n"))
  }

  @Test func `start-first makes the new one beside the old one, which goes when the new one is healthy`()
    throws
  {
    var scene = try outdated(UpdatePolicy(order: .startFirst))
    #expect(
      scene.text == """
        1: create web:1@2 from sha256:aaaaaaaaaaaa: user: the image's → 7
        2 ← 1: start web:1@2: it takes the place of web:1 once it is ready
        waiting web:2: it differs (user: the image's → 7), but it waits for its turn
        waiting web:3: it differs (user: the image's → 7), but it waits for its turn
        update of web: 0 of 3 replaced

        """)
    try scene.machine.perform(scene.plan)
    #expect(scene.plan.isEmpty)
    #expect(scene.plan.unrouted == [try scene.id("web:1@2")])
    try scene.setHealth("web:1@2", .healthy)
    #expect(
      scene.text == """
        1: stop web:1: web:1@2 is in its place
        2 ← 1: remove web:1: web:1@2 is in its place
        3: create web:2@2 from sha256:aaaaaaaaaaaa: user: the image's → 7
        4 ← 3: start web:2@2: it takes the place of web:2 once it is ready
        waiting web:3: it differs (user: the image's → 7), but it waits for its turn
        update of web: 1 of 3 replaced

        """)
    #expect(scene.plan.unrouted == [try scene.id("web:1")])
    try scene.settle()
    #expect(scene.plan == Plan(stack: "shop"))
    #expect(
      scene.machine.state.containers.values.map(\.instance.description).sorted() == [
        "web:1@2", "web:2@2", "web:3@2",
      ])
  }

  @Test func `without a check the new one must run for the time of monitor`() throws {
    var scene = try outdated(UpdatePolicy(monitor: .seconds(3), order: .startFirst), check: false)
    try scene.machine.perform(scene.plan)
    #expect(
      scene.text == """
        waiting web:1: web:1 stays until it is replaced: web:1@2 has not run for 3s yet
        waiting web:2: it differs (user: the image's → 7), but it waits for its turn after 1: web:1@2 has not run for 3s yet
        waiting web:3: it differs (user: the image's → 7), but it waits for its turn after 1: web:1@2 has not run for 3s yet
        update of web: 1 of 3 replaced
        look again in 3s

        """)
    scene.wait(.seconds(3))
    #expect(scene.plan.steps.map(\.action.description).prefix(2) == ["stop web:1", "remove web:1"])
  }

  @Test func `parallelism and delay say how many at a time and when`() throws {
    var scene = try outdated(UpdatePolicy(parallelism: 2, delay: .seconds(30)))
    #expect(scene.plan.steps.count { if case .stop = $0.action { true } else { false } } == 2)
    try scene.machine.perform(scene.plan)
    try scene.setHealth("web:1@2", .healthy)
    scene.wait(.seconds(10))
    try scene.setHealth("web:2@2", .healthy)
    #expect(
      scene.text == """
        waiting web:3: it differs (user: the image's → 7), but it waits for its turn after 2: web:1@2 has not been ready for 30s yet
        update of web: 2 of 3 replaced
        look again in 20s

        """)
    scene.wait(.seconds(20))
    #expect(scene.plan.steps.first?.action.description == "stop web:3")
  }

  @Test func `parallelism 0 replaces all at once, as no policy does`() throws {
    let scene = try outdated(UpdatePolicy(parallelism: 0))
    var other = scene
    other.update("web", nil)
    #expect(scene.plan.steps == other.plan.steps)
  }

  @Test func `a replica that serves nobody is replaced first`() throws {
    var scene = try outdated(UpdatePolicy())
    try scene.setHealth("web:3", .unhealthy)
    #expect(scene.plan.steps.map(\.action.instance?.slot.number) == [3, 3, 3, 3])
  }

  @Test func `an update is paused when more have failed than may`() throws {
    var scene = try outdated(UpdatePolicy())
    try scene.machine.perform(scene.plan)
    scene.wait(.seconds(1))
    try scene.exit("web:1@2", 3)
    #expect(
      scene.text == """
        1: start web:1@2: it exited with 3 (restart: always)
        blocked web:2: it differs (user: the image's → 7), but the update of web is paused: web:1@2 exited with 3; change the file, or run `cairn up` to go on
        blocked web:3: it differs (user: the image's → 7), but the update of web is paused: web:1@2 exited with 3; change the file, or run `cairn up` to go on
        update of web: 1 of 3 replaced, paused: web:1@2 exited with 3

        """)
    try scene.machine.perform(scene.plan)
    try scene.setHealth("web:1@2", .healthy)
    #expect(scene.plan.updates["web"]?.phase == .paused(reason: "web:1@2 failed 1s after its start"))
    scene.wait(.seconds(1))
    scene.stack = try scene.stack.asking(at: scene.machine.now)
    try scene.setHealth("web:1@2", .unhealthy)
    #expect(scene.plan.updates["web"]?.phase == .underWay, "it was asked for again")
  }

  @Test func `max_failure_ratio lets some fail, and continue any number`() throws {
    // Just as many as the ratio says may fail.
    let third = UpdatePolicy(maxFailureRatio: 1.0 / 3)
    for policy in [UpdatePolicy(maxFailureRatio: 0.34), third, UpdatePolicy(failureAction: .continue)] {
      var scene = try outdated(policy)
      try scene.machine.perform(scene.plan)
      try scene.setHealth("web:1@2", .unhealthy)
      #expect(scene.plan.steps.first?.action.description == "stop web:2")
      try scene.machine.perform(scene.plan)
      try scene.setHealth("web:2@2", .unhealthy)
      #expect(scene.plan.isEmpty == (policy.failureAction == .pause))
    }
  }

  @Test func `a failed update is taken back where rollback is the action`() throws {
    var scene = try outdated(UpdatePolicy(failureAction: .rollback, order: .startFirst))
    scene.edit("web") { $0.user = nil }
    let before = scene.stack
    scene.edit("web") { $0.user = "7" }
    scene.stack = scene.stack.succeeding(before)
    try scene.machine.perform(scene.plan)
    try scene.setHealth("web:1@2", .unhealthy)
    #expect(
      scene.text == """
        waiting web:1: web:1 stays until it is replaced: web:1@2 is unhealthy
        blocked web:2: it differs (user: the image's → 7), but the update of web is taken back: web:1@2 is unhealthy
        blocked web:3: it differs (user: the image's → 7), but the update of web is taken back: web:1@2 is unhealthy
        update of web: 1 of 3 replaced, to be taken back: web:1@2 is unhealthy

        """)
    scene.stack = scene.stack.rollingBack(["web"])
    #expect(
      scene.text == """
        1: stop web:1@2: web:1 is in its place
        2 ← 1: remove web:1@2: web:1 is in its place

        """)
    try scene.settle()
    #expect(scene.plan == Plan(stack: "shop"))
  }

  @Test func `an update that can be taken back is complete once every replica was watched`() throws {
    var scene = try outdated(UpdatePolicy(parallelism: 0, failureAction: .rollback, monitor: .seconds(30)))
    scene.edit("web") { $0.user = nil }
    let before = scene.stack
    scene.edit("web") { $0.user = "7" }
    scene.stack = scene.stack.succeeding(before)
    try scene.settle()
    #expect(
      scene.text == """
        update of web: 3 of 3 replaced
        look again in 29s

        """)
    scene.wait(.seconds(29))
    #expect(scene.plan.updates["web"]?.phase == .complete)
    scene.stack = scene.stack.settling(["web"])
    #expect(scene.plan == Plan(stack: "shop"))
  }

  @Test func `an old replica that dies while its successor is not ready is started again`() throws {
    var scene = try outdated(UpdatePolicy(order: .startFirst))
    try scene.machine.perform(scene.plan)
    try scene.exit("web:1", 1)
    #expect(scene.plan.steps.map(\.action.description) == ["start web:1"])
    #expect(scene.plan.unrouted.isEmpty)
  }

  @Test func `a change during an update keeps the old one that serves`() throws {
    var scene = try outdated(UpdatePolicy(order: .startFirst))
    try scene.machine.perform(scene.plan)
    scene.edit("web") { $0.user = "8" }
    #expect(
      scene.text == """
        1: stop web:1@2: web:1 is in its place
        2 ← 1: remove web:1@2: web:1 is in its place
        3 ← 2: create web:1@3 from sha256:aaaaaaaaaaaa: user: the image's → 8
        4 ← 3: start web:1@3: it takes the place of web:1 once it is ready
        waiting web:2: it differs (user: the image's → 8), but it waits for its turn
        waiting web:3: it differs (user: the image's → 8), but it waits for its turn
        update of web: 0 of 3 replaced

        """)
  }

  @Test func `a fixed address has one holder, so the old one is stopped first`() throws {
    var scene = try Scene()
    try scene.service("web") {
      $0.networks["default"] = NetworkAttachment(address: IPv4Address("10.9.0.9"))
    }
    scene.stack.networks["default"]?.subnet = IPv4Subnet("10.9.0.0/24")
    scene.update("web", UpdatePolicy(order: .startFirst))
    try scene.settle()
    scene.edit("web") { $0.user = "7" }
    #expect(scene.plan.steps.map(\.action.verb) == ["stop", "remove", "create", "start"])
  }

  @Test func `dependents restart once, when the update is through`() throws {
    var scene = try outdated(UpdatePolicy(order: .startFirst))
    try scene.service("proxy", after: ["web": Dependency(condition: .healthy, restart: true)])
    try scene.settle()
    var starts: [Int] = []
    scene.edit("web") { $0.user = "9" }
    while !scene.plan.isEmpty {
      starts.append(scene.plan.steps.count { $0.action.description == "start proxy:1" })
      try scene.machine.perform(scene.plan)
      scene.wait(.seconds(1))
      for name in scene.machine.state.containers.values.map(\.instance.description) where name.contains("web")
      {
        try scene.setHealth(name, .healthy)
      }
    }
    #expect(starts.reduce(0, +) == 1 && starts.last == 1, "\(starts)")
  }
}
