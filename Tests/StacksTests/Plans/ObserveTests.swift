import Stacks
import Testing

/// Services that are only observed: commands are carried out, drift is reported.
@Suite struct ObserveTests {
  /// `web` with two replicas that are kept running, only observed, and up.
  private func scene(_ change: (inout Scene) throws -> Void = { _ in }) throws -> Scene {
    var scene = try Scene()
    try scene.service("web", 2) { $0.restart = .always }
    scene.stack.services["web"]?.reconciliation = .observe
    try change(&scene)
    scene.stack = try scene.stack.asking(at: scene.machine.now)
    try scene.settle()
    scene.carryOut()
    return scene
  }

  @Test func `what is asked for is done, and then the service rests`() throws {
    var scene = try Scene()
    try scene.service("web") { $0.restart = .always }
    scene.stack.services["web"]?.reconciliation = .observe
    scene.stack = try scene.stack.asking(at: scene.machine.now)
    #expect(
      scene.text == """
        1: create network shop_default: it is missing
        2 ← 1: create web:1 from sha256:aaaaaaaaaaaa: it is missing
        3 ← 2: start web:1: it is new

        """)
    #expect(scene.stack.carryingOut(scene.plan, scene.machine.state) == nil)
    try scene.settle()
    scene.carryOut()
    #expect(scene.stack.services["web"]?.isCarriedOut == true)
    #expect(scene.text == "")
  }

  @Test func `drift is reported with what would be done, and left`() throws {
    var scene = try scene()
    try scene.exit("web:1", 137)
    try scene.lose("web:2")
    #expect(
      scene.text == """
        drift web:1: it exited with 137 (restart: always) (start)
        drift web:2: it is missing (create, start)

        """)
    scene.wait(.seconds(3600))
    #expect(scene.plan.isEmpty && scene.plan.lookAgain == nil)
  }

  @Test func `a delay before a restart is no reason to keep silent`() throws {
    var scene = try scene()
    for id in scene.machine.state.containers.keys { scene.machine.state.containers[id]?.recentStarts = 9 }
    try scene.exit("web:1", 1)
    #expect(scene.text == "drift web:1: it exited with 1 (restart: always) (start)\n")
  }

  @Test func `a command puts right what it asks for`() throws {
    var scene = try scene()
    try scene.exit("web:1", 137)
    try scene.lose("web:2")
    scene.wait(.seconds(1))
    scene.stack = try scene.stack.asking(for: ["web"], at: scene.machine.now)
    #expect(
      scene.text == """
        1: create web:2 from sha256:aaaaaaaaaaaa: it is missing
        2: start web:1: it exited with 137 before it was asked for
        3 ← 1: start web:2: it is new

        """)
    try scene.settle()
    scene.carryOut()
    #expect(scene.text == "")
  }

  @Test func `a command that scales, stops or restarts is carried out`() throws {
    var scene = try scene()
    let stack = scene.stack
    scene.wait(.seconds(1))
    scene.stack = try stack.scaled(["web": 1])
    #expect(scene.text.hasPrefix("1: stop web:2: only 1 replica is wanted\n"))
    scene.stack = try stack.stopping(["web"])
    #expect(scene.text.hasPrefix("1: stop web:1: the service is stopped\n"))
    scene.stack = try stack.asking(for: ["web"], at: scene.machine.now, restart: true)
    #expect(scene.text.hasPrefix("1: stop web:1: a restart was asked for\n"))
  }

  @Test func `a command is carried out once a check has passed, not before`() throws {
    var scene = try Scene()
    try scene.service("web") { $0.healthcheck = Healthcheck(test: .shell("true")) }
    scene.stack.services["web"]?.reconciliation = .observe
    try scene.machine.perform(scene.plan)
    #expect(scene.plan.isEmpty)
    #expect(scene.stack.carryingOut(scene.plan, scene.machine.state) == nil)
    try scene.setHealth("web:1", .healthy)
    scene.carryOut()
    #expect(scene.stack.services["web"]?.isCarriedOut == true)
  }

  @Test func `a command that waits for something is not carried out yet`() throws {
    var scene = try Scene()
    try scene.service("web", image: "app:9")
    scene.stack.services["web"]?.reconciliation = .observe
    try scene.settle()
    #expect(scene.stack.carryingOut(scene.plan, scene.machine.state) == nil)
  }

  @Test func `a command is carried out once what the service depends on is as it was asked for`() throws {
    var scene = try Scene()
    try scene.service("db") { $0.healthcheck = Healthcheck(test: .shell("true")) }
    try scene.service("web")
    scene.stack.services["web"]?.dependencies = ["db": Dependency(restart: true)]
    scene.stack.services["web"]?.reconciliation = .observe
    try scene.machine.perform(scene.plan)
    #expect(scene.plan.isEmpty)
    #expect(scene.stack.carryingOut(scene.plan, scene.machine.state) == nil, "db is not healthy yet")
    try scene.setHealth("db:1", .healthy)
    scene.carryOut()
    #expect(scene.stack.services["web"]?.isCarriedOut == true)
  }

  @Test func `networks of observed services alone are left, others are mended`() throws {
    var scene = try scene { try $0.service("api") { $0.networks = ["back": NetworkAttachment()] } }
    for name in ["shop_default", "shop_back"] {
      scene.machine.state.networks[name]?.fault = "its bridge is gone"
    }
    #expect(
      scene.text == """
        1: create network shop_back: its bridge is gone
        drift network shop_default: its bridge is gone (create)

        """)
    scene.edit("api") { $0.networks["default"] = NetworkAttachment() }
    scene.stack.services["api"]?.template.networks["default"] = NetworkAttachment()
    #expect(scene.text.contains("create network shop_default: its bridge is gone\n"))
  }

  @Test func `a network is not made anew under an observed service`() throws {
    var scene = try scene { try $0.service("api") }
    scene.stack.networks["default"]?.mtu = 1400
    #expect(
      scene.text.contains(
        "and cannot be made anew while web:1 uses it, whose service is only observed"))
    #expect(!scene.plan.steps.contains { $0.action.verb.hasSuffix("network") })
  }

  @Test func `volumes of observed services alone are left`() throws {
    var scene = try scene {
      try $0.service("db") { $0.mounts = [MountSpec(source: .volume(key: "data"), target: "/data")] }
      $0.stack.services["db"]?.reconciliation = .observe
      $0.stack.volumes["data"] = VolumeDefinition(name: "shop_data")
    }
    scene.machine.state.volumes["shop_data"] = nil
    #expect(scene.text == "drift volume shop_data: it is missing (create)\n")
    scene.stack = try scene.stack.asking(for: ["db"], at: scene.machine.now)
    #expect(scene.text == "1: create volume shop_data: it is missing\n")
  }

  @Test func `who depends on an observed service goes by what is there`() throws {
    var scene = try scene { try $0.service("api", after: ["web": Dependency()]) }
    try scene.lose("web:1")
    try scene.exit("api:1", 1)
    scene.edit("api") { $0.restart = .always }
    let text = scene.text
    #expect(text.contains("drift web:1: it is missing (create, start)\n"))
    #expect(
      text.contains(
        "blocked api:1: dependency failed: web:1: it is missing and is only observed; `cairn up web` makes it so\n"
      ))
    #expect(!text.contains("start api:1"))
  }

  @Test func `a surplus replica and one that is not whole are reported`() throws {
    var scene = try scene()
    scene.machine.state.containers[try scene.id("web:1")]?.state = .broken(reason: "a crash")
    scene.stack.services["web"]?.replicas = 1
    #expect(scene.text == "drift web:1: it is not whole: a crash (remove)\n")
  }

  @Test func `down takes observed services along`() throws {
    let scene = try scene()
    #expect(scene.down().contains("stop web:1"))
  }
}

extension Scene {
  /// What the engine writes down when it has found nothing to do.
  mutating func carryOut() { stack = stack.carryingOut(plan, machine.state) ?? stack }
}
