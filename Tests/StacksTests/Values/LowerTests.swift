import Stacks
import Testing

@Suite struct LowerTests {
  func stack() throws -> Stack {
    var scene = try Scene()
    try scene.service("db", image: "db:1") {
      $0.mounts = [MountSpec(source: .volume(key: "data"), target: "/d")]
    }
    try scene.service("api", 2, after: ["db": Dependency(condition: .healthy)])
    try scene.service("web", after: ["api": Dependency()])
    scene.stack.volumes = ["data": VolumeDefinition(name: "gold"), "unused": VolumeDefinition(name: "u")]
    scene.stack.networks["unused"] = NetworkDefinition(name: "u")
    return scene.stack
  }

  @Test func `replicas are spelled out, and what no service uses is left out`() throws {
    let desired = try stack().lowered()
    #expect(desired.containers.keys.sorted().map(\.description) == ["api:1", "api:2", "db:1", "web:1"])
    #expect(
      desired.containers.values.map(\.name).sorted() == [
        "shop-api-1", "shop-api-2", "shop-db-1", "shop-web-1",
      ])
    #expect(desired.networks.keys.sorted() == ["default"])
    #expect(desired.volumes.keys.sorted() == ["data"])
    #expect(desired.services == ["api", "db", "web"])
    let db = desired.containers[Slot(stack: "shop", service: "db", number: 1)]
    #expect(db?.networkNames == ["default": "shop_default"])
    #expect(db?.volumeNames == ["data": "gold"])
  }

  @Test func `another name for a volume is a difference`() throws {
    var stack = try stack()
    let slot = Slot(stack: "shop", service: "db", number: 1)
    let before = try #require(stack.lowered().containers[slot])
    stack.volumes["data"]?.name = "silver"
    let after = try #require(stack.lowered().containers[slot])
    #expect(before.differences(to: after).map(\.description) == ["volumes.data: gold → silver"])
  }

  @Test func `services that are gone keep what they depended on`() throws {
    var stack = try stack()
    let previous = stack
    stack.services["web"] = nil
    #expect(stack.lowered(after: previous).dependencies["web"] == ["api": Dependency()])
    #expect(stack.lowered().dependencies["web"] == nil)
    #expect(!stack.lowered(after: previous).services.contains("web"))
  }

  @Test func `scale changes the number of replicas and refuses what cannot be`() throws {
    var stack = try stack()
    #expect(try stack.scaled(["web": 3]).lowered().containers.count == 6)
    #expect(try stack.scaled(["api": 0]).lowered().containers.count == 2)
    stack.services["web"]?.template.containerName = "front"
    func refusal(_ replicas: [String: Int]) -> String? {
      do throws(ValueError) {
        _ = try stack.scaled(replicas)
        return nil
      } catch { return error.reason }
    }
    #expect(
      refusal(["web": 2]) == "it has container_name 'front', which only one container can have; remove it")
    #expect(refusal(["wbe": 1]) == "stack 'shop' has no service 'wbe'; services api, db, web")
    #expect(refusal(["web": -1]) == "the number of replicas must be 0 or more")
  }

  @Test func `selecting takes what is named and what it depends on`() throws {
    let stack = try stack()
    #expect(try stack.selecting(["api"], over: nil).services.keys.sorted() == ["api", "db"])
    var previous = stack
    previous.services["web"]?.replicas = 7
    previous.services["gone"] = previous.services["web"]
    let selected = try stack.selecting(["api"], over: previous)
    #expect(selected.services.mapValues(\.replicas) == ["api": 2, "db": 1, "web": 7])
    #expect(throws: ValueError.self) { try stack.selecting(["nope"], over: nil) }
  }

  @Test func `asking reaches dependencies, but restarts only what is named`() throws {
    let now = Moment(seconds: 5)
    let stack = try stack().stopping().asking(for: ["api"], at: now, restart: true)
    #expect(stack.services["web"]?.isStopped == true)
    #expect(stack.services["db"]?.isStopped == false)
    #expect(stack.services["db"]?.asked == Asked(up: now))
    #expect(stack.services["api"]?.asked == Asked(up: now, restart: now))
  }

  @Test func `each replica has its own port of a range`() throws {
    var scene = try Scene()
    try scene.service("web", 3) {
      var range = PortMapping(hostPort: 8000, containerPort: 80)
      (range.firstHostPort, range.lastHostPort) = (8000, 8001)
      $0.ports = [range]
    }
    let ports = scene.stack.lowered().containers.values.sorted { $0.slot < $1.slot }.map {
      $0.template.ports.map(\.hostPort)
    }
    #expect(ports == [[8000], [8001], [0]])
    try scene.settle()
    #expect(
      scene.text == """
        blocked web:3: the host's ports 8000-8001 are too few: there is none for web:3

        """)
    // A replica under another number than is wanted keeps its port too.
    try scene.lose("web:1")
    scene.stack = try scene.stack.scaled(["web": 1])
    #expect(scene.plan == Plan(stack: "shop"))
  }
}
