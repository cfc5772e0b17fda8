import Stacks
import Testing

@Suite struct RoutingTests {
  func scene() throws -> Scene {
    var scene = try Scene()
    try scene.service("db", image: "db:1") { $0.networks = ["back": NetworkAttachment(aliases: ["Store"])] }
    try scene.service("web", 2) {
      $0.networks["back"] = NetworkAttachment()
      $0.ports = [PortMapping(hostPort: 8080, containerPort: 80)]
    }
    scene.stack.networks["default"]?.subnet = IPv4Subnet("10.1.0.0/24")
    scene.stack.networks["back"] = NetworkDefinition(
      name: "shop_back", isInternal: true, subnet: IPv4Subnet("10.2.0.0/24"))
    try scene.settle()
    return scene
  }

  @Test func `a port leads to every replica that runs`() throws {
    var scene = try scene()
    let routing = Routing.make(from: [scene.machine.state])
    #expect(routing.ports.map(\.mapping.description) == ["0.0.0.0:8080->80/tcp"])
    #expect(
      routing.ports.first?.backends.map { "\($0.network) \($0.address):\($0.port)" }
        == ["shop_default 10.1.0.249:80", "shop_default 10.1.0.250:80"])
    try scene.exit("web:1", 1)
    let later = Routing.make(from: [scene.machine.state])
    #expect(try later.ports.first?.backends.map(\.container) == [scene.id("web:2")])
    try scene.exit("web:2", 1)
    #expect(Routing.make(from: [scene.machine.state]).ports.isEmpty)
  }

  @Test func `names lead to those that run, network by network`() throws {
    let scene = try scene()
    let names = Routing.make(from: [scene.machine.state]).names
    func list(_ network: String) -> [String] {
      (names[network] ?? [:]).filter { !$0.key.hasSuffix("00000") }.map { name, addresses in
        "\(name) " + addresses.map(\.description).joined(separator: " ")
      }.sorted()
    }
    #expect(
      list("shop_back") == [
        "db 10.2.0.250", "shop-db-1 10.2.0.250", "shop-web-1 10.2.0.249", "shop-web-2 10.2.0.248",
        "store 10.2.0.250", "web 10.2.0.248 10.2.0.249",
      ])
    #expect(
      list("shop_default") == [
        "shop-web-1 10.1.0.250", "shop-web-2 10.1.0.249", "web 10.1.0.249 10.1.0.250",
      ])
    let short = try scene["db:1"].id.short
    #expect(try names["shop_back"]?[short] == [#require(IPv4Address("10.2.0.250"))])
  }

  @Test func `a port that two services want has the first, and the other is told`() throws {
    var scene = try scene()
    try scene.service("admin") { $0.ports = [PortMapping(hostPort: 8080, containerPort: 81)] }
    try scene.settle()
    let routing = Routing.make(from: [scene.machine.state])
    #expect(routing.ports.map(\.service) == ["admin"])
    #expect(
      routing.conflicts.map(\.description)
        == ["port 0.0.0.0:8080->80/tcp of shop/web is not published: shop/admin has it"])
  }

  @Test func `stacks on one network know one another, in whatever order they are listed`() throws {
    let shop = try scene().machine.state
    var blog = ObservedState(stack: "blog")
    var other = try scene()["db:1"]
    other.id = containerID(7)
    other.instance.slot.stack = "blog"
    other.spec.slot.stack = "blog"
    other.addresses = ["shop_back": try #require(IPv4Address("10.2.0.9"))]
    blog.containers[other.id] = other
    let routing = Routing.make(from: [shop, blog])
    #expect(routing == Routing.make(from: [blog, shop]))
    #expect(routing.names["shop_back"]?["db"]?.map(\.description) == ["10.2.0.9", "10.2.0.250"])
    #expect(routing.names["shop_back"]?["blog-db-1"]?.map(\.description) == ["10.2.0.9"])
  }
}
