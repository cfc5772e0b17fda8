import Stacks
import Testing

/// Where connections go while replicas come and go.
@Suite struct DrainTests {
  func scene(_ policy: UpdatePolicy? = nil) throws -> Scene {
    var scene = try Scene()
    try scene.service("web", 2) {
      $0.ports = [PortMapping(hostPort: 8080, containerPort: 80)]
      $0.healthcheck = Healthcheck(test: .shell("true"))
    }
    scene.update("web", policy)
    try scene.settle()
    return scene
  }

  /// The instances behind the port and the service's name.
  func served(_ scene: Scene) throws -> [String] {
    let routing = Routing.make(from: [scene.machine.state], without: scene.plan.unrouted)
    let containers = scene.machine.state.containers
    let behind = (routing.ports.first?.backends ?? []).compactMap { containers[$0.container] }
    let addresses = behind.compactMap { $0.addresses["shop_default"] }.sorted()
    #expect(routing.names["shop_default"]?["web"] ?? [] == addresses)
    return behind.map(\.instance.description).sorted()
  }

  @Test func `replicas that are not healthy get no connections while another is`() throws {
    var scene = try scene()
    #expect(try served(scene) == ["web:1", "web:2"])
    try scene.setHealth("web:2", .unhealthy)
    #expect(try served(scene) == ["web:1"])
    try scene.setHealth("web:1", .unhealthy)
    #expect(try served(scene) == ["web:1", "web:2"], "rather an unwell one than none")
  }

  @Test func `a start-first update moves connections when the new one is healthy`() throws {
    var scene = try scene(UpdatePolicy(order: .startFirst))
    scene.edit("web") { $0.user = "7" }
    try scene.machine.perform(scene.plan)
    #expect(try served(scene) == ["web:1", "web:2"])
    try scene.setHealth("web:1@2", .healthy)
    #expect(try served(scene) == ["web:1@2", "web:2"], "the old one gets none before it is stopped")
    #expect(scene.plan.steps.first?.action.description == "stop web:1")
  }

  @Test func `a stop-first update takes connections away before the stop`() throws {
    var scene = try scene(UpdatePolicy())
    scene.edit("web") { $0.user = "7" }
    #expect(try served(scene) == ["web:2"])
  }

  @Test func `of several services that are updated together each loses its connections before its stop`()
    throws
  {
    var scene = try scene(UpdatePolicy())
    try scene.service("proxy", 2, after: ["web": Dependency()])
    scene.update("proxy", UpdatePolicy())
    try scene.settle()
    for name in ["web", "proxy"] { scene.edit(name) { $0.user = "7" } }
    #expect(scene.plan.unrouted == [try scene.id("proxy:1"), try scene.id("web:1")])
  }

  @Test func `what others are stopped before is reached until then`() throws {
    var scene = try scene()
    try scene.service("proxy", after: ["web": Dependency()])
    try scene.settle()
    scene.stack = try scene.stack.stopping()
    #expect(scene.plan.unrouted == [try scene.id("proxy:1")])
  }

  @Test func `each of two in a slot keeps its ID as a name, and the one that serves the container's name`()
    throws
  {
    var scene = try scene(UpdatePolicy(order: .startFirst))
    scene.edit("web") { $0.user = "7" }
    try scene.machine.perform(scene.plan)
    let names = try #require(
      Routing.make(from: [scene.machine.state], without: scene.plan.unrouted).names["shop_default"])
    let old = try #require(try scene["web:1"].addresses["shop_default"])
    let new = try #require(try scene["web:1@2"].addresses["shop_default"])
    #expect(names["shop-web-1"] == [old])
    #expect(try names[scene["web:1@2"].id.short] == [new])
  }
}
