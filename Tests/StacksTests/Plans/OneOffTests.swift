import Stacks
import Testing

/// Containers that `run` asks for: made and started once, beside the replicas.
@Suite struct OneOffTests {
  private let key = "web-run-0a1b2c"

  /// `web` and the healthy `db` that it depends on, up.
  private func scene() throws -> Scene {
    var scene = try Scene()
    try scene.service("db", image: "db:1") { $0.healthcheck = Healthcheck(test: .shell("true")) }
    try scene.service("web", after: ["db": Dependency(condition: .healthy)]) {
      $0.restart = .always
      $0.ports = [PortMapping(hostPort: 8080, containerPort: 80)]
      $0.networks = ["default": NetworkAttachment(aliases: ["www"], address: IPv4Address("172.30.0.9"))]
    }
    return scene
  }

  private func run(_ scene: inout Scene, keptFor: Span? = nil, ignoresDependencies: Bool = false) throws {
    let how = RunChanges(ignoresDependencies: ignoresDependencies, keptFor: keptFor)
    guard let oneOff = scene.stack.oneOff(of: "web", as: key, how) else {
      Issue.record("there is no service web")
      return
    }
    scene.stack = try scene.stack.running(
      oneOff, as: key, over: scene.stack, startsDependencies: !ignoresDependencies, at: scene.machine.now)
  }

  @Test func `it has the service's template without ports, alias, address and restarts`() throws {
    let scene = try scene()
    let oneOff = scene.stack.oneOff(of: "web", as: key, RunChanges())
    #expect(oneOff?.template.containerName == "shop-web-run-0a1b2c")
    #expect(oneOff?.template.ports == [] && oneOff?.template.restart == .no)
    #expect(oneOff?.template.networks == ["default": NetworkAttachment()])
    #expect(oneOff?.dependencies == ["db": Dependency(condition: .healthy)])
    let kept = scene.stack.oneOff(
      of: "web", as: key,
      RunChanges(
        name: "box", hasTerminal: true, hasInput: true, keepsPorts: true, usesAliases: true,
        ignoresDependencies: true, keptFor: .zero))
    #expect(kept?.template.containerName == "box" && kept?.template.ports.count == 1)
    #expect(kept?.template.tty == true && kept?.template.stdinOpen == true && kept?.keptFor == .zero)
    #expect(kept?.template.networks["default"]?.aliases == ["web", "www"])
    #expect(kept?.dependencies == [:])
    #expect(scene.stack.oneOff(of: "nobody", as: key, RunChanges()) == nil)
  }

  @Test func `it waits for what its service depends on, and is started once`() throws {
    var scene = try scene()
    scene.stack.services["web"]?.replicas = 0
    try run(&scene)
    #expect(
      scene.text == """
        1: create network shop_default: it is missing
        2 ← 1: create db:1 from sha256:cccccccccccc: it is missing
        3 ← 1: create web-run-0a1b2c:1 from sha256:aaaaaaaaaaaa: it was asked for
        4 ← 2: start db:1: it is new
        waiting web-run-0a1b2c:1: db:1 is not healthy yet

        """)
    try scene.machine.perform(scene.plan)
    #expect(scene.stack.noting(scene.machine.state) == nil)
    try scene.setHealth("db:1", .healthy)
    #expect(scene.text == "1: start web-run-0a1b2c:1: it was never started\n")
    try scene.machine.perform(scene.plan)
    scene.noteOneOffs()
    #expect(scene.stack.oneOffs[key]?.isBegun == true)
    #expect(scene.text == "")
    try scene.exit("web-run-0a1b2c:1", 3)
    #expect(scene.text == "")
    scene.stack = try scene.stack.asking(at: scene.machine.now + .seconds(9))
    #expect(!scene.text.contains("web-run"))
  }

  @Test func `it is no replica`() throws {
    var scene = try scene()
    try scene.settle()
    try run(&scene)
    try scene.settle()
    scene.noteOneOffs()
    #expect(scene.text == "")
    let summary = ServiceSummary.list(scene.machine.state, scene.stack.lowered())
    #expect(summary.map(\.service) == ["db", "web"] && summary.map(\.existing) == [1, 1])
    scene.stack.services["web"]?.replicas = 0
    #expect(scene.text.hasPrefix("1: stop web:1: no replica is wanted\n2 ← 1: remove web:1"))
    #expect(!scene.text.contains("web-run"))
  }

  @Test func `it is removed when its time is over, or when an end to orphans is asked for`() throws {
    var scene = try scene()
    try run(&scene, keptFor: .seconds(30), ignoresDependencies: true)
    try scene.settle()
    scene.noteOneOffs()
    try scene.exit("web-run-0a1b2c:1", 0)
    #expect(scene.text == "look again in 30s\n")
    scene.options.removeOrphans = true
    #expect(scene.text == "1: remove web-run-0a1b2c:1: it exited with 0\n")
    scene.options.removeOrphans = false
    scene.wait(.seconds(30))
    #expect(scene.text == "1: remove web-run-0a1b2c:1: it exited with 0\n")
    try scene.machine.perform(scene.plan)
    scene.noteOneOffs()
    #expect(scene.stack.oneOffs.isEmpty)
  }

  @Test func `one that is discarded is stopped, removed and forgotten`() throws {
    var scene = try scene()
    try run(&scene)
    try scene.settle()
    scene.stack = try scene.stack.discarding([key])
    #expect(
      scene.text == """
        1: stop web-run-0a1b2c:1: it is not wanted any more
        2 ← 1: remove web-run-0a1b2c:1: it is not wanted any more

        """)
    try scene.settle()
    scene.noteOneOffs()
    #expect(scene.stack.oneOffs.isEmpty)
    #expect(throws: ValueError.self) { try scene.stack.discarding([key]) }
  }

  @Test func `one that cannot be is given up`() throws {
    var scene = try scene()
    scene.stack.services["db"]?.isStopped = true
    try run(&scene)
    scene.stack.services["db"]?.isStopped = true
    #expect(
      scene.text.contains("blocked web-run-0a1b2c:1: db:1 is stopped; start it with `cairn start db`\n"))
    scene.stack = scene.stack.givingUp(scene.plan.blocked.keys.map(\.service)) ?? scene.stack
    #expect(scene.stack.oneOffs[key]?.isDiscarded == true)
    #expect(!scene.text.contains("web-run"))
    scene.noteOneOffs()
    #expect(scene.stack.oneOffs.isEmpty)
  }

  @Test func `one that is lost is not made again, one that was cut short before its start is`() throws {
    var scene = try scene()
    try run(&scene, ignoresDependencies: true)
    try scene.machine.perform(scene.plan)
    scene.machine.state.containers[try scene.id("web-run-0a1b2c:1")]?.state = .broken(reason: "a crash")
    #expect(
      scene.text.hasPrefix(
        """
        1: remove web-run-0a1b2c:1: it is not whole: a crash
        2 ← 1: create web-run-0a1b2c:1@2 from
        """))
    try scene.settle()
    scene.noteOneOffs()
    try scene.lose("web-run-0a1b2c:1@2")
    #expect(!scene.text.contains("web-run"))
  }

  @Test func `a network that differs is not made anew under it, and is kept for it`() throws {
    var scene = try scene()
    try scene.settle()
    try run(&scene)
    try scene.settle()
    scene.noteOneOffs()
    scene.stack.networks["default"]?.mtu = 1400
    #expect(scene.text.contains("cannot be made anew while web-run-0a1b2c:1 use it"))
    scene.stack.networks["default"]?.mtu = nil
    scene.stack.services = [:]
    scene.options.removeOrphans = true
    #expect(!scene.text.contains("remove network"))
  }

  @Test func `it lives through a change of the file and a rollback, and down takes it along`() throws {
    var scene = try scene()
    try run(&scene)
    let kept = scene.stack.oneOffs == Stack(name: "shop").succeeding(scene.stack).oneOffs
    #expect(kept && scene.stack.goingBack(to: Stack(name: "shop")).oneOffs == scene.stack.oneOffs)
    #expect(scene.stack.declaration.oneOffs.isEmpty)
    try scene.settle()
    #expect(scene.down().contains("stop web-run-0a1b2c:1: it is not wanted any more"))
    #expect(scene.down().contains("remove network shop_default"))
  }

  @Test func `without dependencies everything else stays as it was`() throws {
    var file = try scene()
    file.stack.networks["front"] = NetworkDefinition(name: "shop_front")
    file.edit("db") { $0.environment["V"] = "2" }
    let how = RunChanges(ignoresDependencies: true)
    let oneOff = try #require(file.stack.oneOff(of: "web", as: key, how))
    let before = try scene().stack
    let next = try file.stack.running(
      oneOff, as: key, over: before, startsDependencies: false, at: Moment(seconds: 1))
    #expect(next.services == before.services && next.networks["front"] != nil)
    let alone = try file.stack.running(
      oneOff, as: key, over: nil, startsDependencies: false, at: Moment(seconds: 1))
    #expect(alone.services.isEmpty && Set(alone.oneOffs.keys) == [key])
    let dependent = try #require(file.stack.oneOff(of: "web", as: key, RunChanges()))
    let all = try file.stack.running(
      dependent, as: key, over: before, startsDependencies: true, at: Moment(seconds: 1))
    #expect(all.services["web"] == before.services["web"])
    #expect(all.services["db"]?.template.environment == ["V": "2"])
    #expect(all.services["db"]?.asked.up == Moment(seconds: 1))
  }
}

extension Scene {
  /// What the engine writes down when it has looked.
  mutating func noteOneOffs() {
    while let next = stack.noting(machine.state) { stack = next }
  }
}
