import Dispatch
import Foundation
import Kernel
import Stacks
import Testing

@testable import Networks

/// Networks on the real kernel.
@Suite struct HostNetworksTests {
  @Test func `Containers reach their own network and the world, and no other network`() throws {
    let world = try World()
    try world.network("front")
    try world.network("side")
    let a = try world.container("front")
    let b = try world.container("front")
    let c = try world.container("side")
    let both = try world.container("side", "front")
    let servers = [
      try Server("b", in: b.namespace, port: 80), try Server("c", in: c.namespace, port: 80),
      try Server("out", in: world.outside, port: 80),
    ]
    defer { for server in servers { server.stop() } }
    #expect(try Wire.hear(b.address.description, 80, from: a.namespace) == "b \(a.address)")
    #expect(try Wire.hear(c.address.description, 80, from: a.namespace, expecting: false) == nil)
    #expect(try Wire.hear(b.address.description, 80, from: c.namespace, expecting: false) == nil)
    #expect(try Wire.hear(b.address.description, 80, from: both.namespace)?.prefix(1) == "b")
    #expect(try Wire.hear(c.address.description, 80, from: both.namespace)?.prefix(1) == "c")
    // The host reaches each; what leaves the machine leaves under the host's address.
    #expect(try Wire.hear(b.address.description, 80, from: world.host)?.prefix(1) == "b")
    #expect(try Wire.hear(World.outsideAddress, 80, from: a.namespace) == "out \(World.hostAddress)")
    try world.end()
  }

  @Test func `IPv6 reaches neighbours and the outside, and no other network`() throws {
    let world = try World()
    let outside = try #require(IPv6Address("2001:db8::2"))
    for (namespace, link, address) in [
      (world.host, "out0", try #require(IPv6Address("2001:db8::1"))), (world.outside, "eth0", outside),
    ] {
      try within(namespace) {
        let index = try #require(NetworkSettings.index(ofLink: link))
        try NetlinkSocket().performAll([AddressMessage.add6(address.bytes, prefix: 64, index: index)])
      }
    }
    let wanted = NetworkDefinition(
      name: "front", ipv6: IPv6Part(subnet: IPv6Subnet("fd00:f::/64"), range: IPv6Subnet("fd00:f::/112")))
    let secret = NetworkDefinition(name: "secret", isInternal: true, ipv6: IPv6Part())
    let front = try world.onHost {
      try $0.create(name: "front", definition: wanted, stack: "s", key: "front")
    }
    let back = try world.onHost {
      try $0.create(name: "secret", definition: secret, stack: "s", key: "secret")
    }
    try world.network("plain")
    #expect(front.subnet6 == IPv6Subnet("fd00:f::/64") && front.gateway6?.description == "fd00:f::1")
    #expect(back.subnet6?.description.hasPrefix("fd") == true && back.subnet6?.prefix == 64)
    let (a, b, c) = (
      try world.container("front"), try world.container("front"), try world.container("secret")
    )
    let plain = try world.container("plain")
    let six = try [a, b, c].map { try #require($0.endpoints[0].ipv6).address }
    #expect(six[0].description == "fd00:f::2" && six[1].description == "fd00:f::3")
    #expect(plain.endpoints[0].ipv6 == nil)

    @Sendable func answers(_ address: IPv6Address) throws -> Bool {
      let ping = Process()
      ping.executableURL = URL(filePath: "/bin/busybox")
      ping.arguments = ["ping", "-6", "-c", "1", address.description]
      ping.standardOutput = FileHandle.nullDevice
      ping.standardError = FileHandle.nullDevice
      // Its own alarm does not reach it: signals are blocked in the thread that starts it.
      let end = DispatchSemaphore(value: 0)
      ping.terminationHandler = { _ in end.signal() }
      try ping.run()
      if end.wait(timeout: .now() + 1) == .timedOut {
        kill(ping.processIdentifier, SIGKILL)
        end.wait()
        return false
      }
      return ping.terminationStatus == 0
    }
    // The first packet after a bridge has lost its addresses may be lost.
    func reaches(_ namespace: NetworkNamespace, _ address: IPv6Address) throws -> Bool {
      try within(namespace) { try (1...3).contains { _ in try answers(address) } }
    }
    #expect(try reaches(a.namespace, six[1]))
    #expect(try reaches(a.namespace, try #require(front.gateway6)))
    // Outside there is no way back to the container: it sees the host.
    #expect(try reaches(a.namespace, outside))
    #expect(try reaches(world.host, six[0]) && reaches(world.host, six[2]))
    #expect(try !reaches(a.namespace, six[2]), "another network")
    #expect(try !reaches(c.namespace, six[0]), "from an internal network")
    #expect(try !reaches(c.namespace, outside), "from an internal network to the outside")
    try within(world.outside) {
      try NetlinkSocket().performAll([
        RouteMessage.addDefault6(
          gateway: #require(IPv6Address("2001:db8::1")).bytes,
          index: #require(NetworkSettings.index(ofLink: "eth0")))
      ])
    }
    #expect(try !reaches(world.outside, six[0]), "from outside, where it knows the way")

    // What is lost is noticed and made again; a restart finds all as it was.
    try within(world.host) {
      try NetworkSettings.write(
        "1", to: "ipv6/conf/\(NetworkRecord.identity(of: "front", attempt: 0).bridge)/disable_ipv6")
    }
    #expect(try world.onHost { try $0.heard().networks })
    let fault = try world.onHost { try $0.observe().first { $0.name == "front" }?.fault }
    #expect(fault?.contains("has lost its IPv6 address") == true, "\(fault ?? "none")")
    try world.onHost { try $0.create(name: "front", definition: wanted, stack: "s", key: "front") }
    try world.restart()
    #expect(try world.onHost { try $0.observe().allSatisfy(\.isUp) })
    #expect(try reaches(a.namespace, outside))
    let taken = NetworkDefinition(name: "other", ipv6: IPv6Part(subnet: IPv6Subnet("fd00::/16")))
    #expect(throws: NetworkError.self) {
      try world.onHost { try $0.create(name: "other", definition: taken, stack: "s", key: "other") }
    }
    try world.onHost { try $0.remove(["front", "secret"]) }
    let tables = try within(world.host) { try NFTables.run("list tables\n") }
    #expect(tables == "table ip cairn\n", "\(tables)")
    try world.end()
  }

  @Test func `A network has the range, the reserved addresses and the packet size of its definition`() throws
  {
    let world = try World()
    let subnet = try #require(IPv4Subnet("10.77.0.0/24"))
    var definition = NetworkDefinition(
      name: "own", subnet: subnet, range: IPv4Subnet("10.77.0.64/26"),
      reserved: ["printer": try #require(IPv4Address("10.77.0.65"))], mtu: 1400)
    let wanted = definition
    let network = try world.onHost {
      try $0.create(name: "own", definition: wanted, stack: "s", key: "own")
    }
    #expect(network.definition == definition)
    let a = try world.container("own")
    #expect(a.address.description == "10.77.0.66")
    let b = try world.container("own")
    #expect(b.address.description == "10.77.0.67")
    for namespace in [a.namespace, world.host] {
      let sizes = try within(namespace) { try NetlinkSocket().links().filter { $0.name != "lo" }.map(\.mtu) }
      #expect(sizes.contains(1400), "\(sizes)")
    }
    definition.range = IPv4Subnet("10.78.0.0/26")
    definition.name = "other"
    let outside = definition
    #expect(throws: NetworkError.self) {
      try world.onHost { try $0.create(name: "other", definition: outside, stack: "s", key: "other") }
    }
    try world.end()
  }

  @Test func `From an internal network nothing is reached but itself`() throws {
    let world = try World()
    try world.network("inside", isInternal: true)
    try world.network("front")
    let a = try world.container("inside")
    let b = try world.container("inside")
    let c = try world.container("front")
    let servers = [
      try Server("b", in: b.namespace, port: 80), try Server("c", in: c.namespace, port: 80),
      try Server("out", in: world.outside, port: 80), try Server("host", in: world.host, port: 80),
    ]
    defer { for server in servers { server.stop() } }
    #expect(try Wire.hear(b.address.description, 80, from: a.namespace)?.prefix(1) == "b")
    for address in [
      World.outsideAddress, c.address.description, World.hostAddress, a.endpoints[0].gateway.description,
    ] {
      #expect(try Wire.hear(address, 80, from: a.namespace, expecting: false) == nil, "\(address)")
    }
    #expect(try Wire.hear(b.address.description, 80, from: world.host)?.prefix(1) == "b")
    try world.end()
  }

  @Test func `A restarted engine finds everything and interrupts nothing`() throws {
    let world = try World()
    let before = try world.network("front")
    let web = try world.container("front")
    let server = try Server("web", in: web.namespace, port: 80)
    defer { server.stop() }
    try world.publish(
      PublishedPort(
        stack: "s", service: "web", mapping: PortMapping(hostPort: 8080, containerPort: 80),
        backends: [web.backend(80)]))
    // If the table were replaced, this would be gone with it.
    try within(world.host) { try NFTables.run("add set ip cairn witness { type ipv4_addr; }\n") }
    // What an engine leaves that is ended in the middle of a change.
    try within(world.host) { try NFTables.run("add table ip cairn-next\n") }
    try world.restart()
    #expect(try within(world.host) { try NFTables.run("list tables\n") } == "table ip cairn\n")
    #expect(try world.onHost { try $0.observe() } == [before])
    #expect(try within(world.host) { try NFTables.run("list sets\n") }.contains("witness"))
    #expect(try Wire.hear(World.hostAddress, 8080, from: world.outside)?.prefix(3) == "web")
    #expect(try Wire.resolve("nobody", type: 28, at: before.gateway, from: web.namespace) != nil)
    // What was given out before is not given out again.
    let next = try world.onHost { networks in
      try networks.adopt(["front": web.address, "gone": .loopback], of: web.id)
      return try networks.allocate(network: "front", container: .random())
    }
    #expect(next != web.address)
    #expect(
      message { () throws(NetworkError) in
        try world.networks.allocate(network: "front", container: .random(), fixed: web.address)
      }.contains("in use by container \(web.id.short)"))
    try world.end()
  }

  @Test func `A network whose bridge is gone is not up, and is made again as it was`() throws {
    let world = try World()
    let first = try world.network("front")
    try within(world.host) {
      let bridge = try #require(try NetlinkSocket().links().first { $0.name.hasPrefix("cn-") })
      try NetlinkSocket().performAll([LinkMessage.delete(name: bridge.name)])
    }
    try world.restart()
    #expect(try world.onHost { try $0.observe() }.map(\.isUp) == [false])
    let outcome = try world.onHost { networks in
      networks.attach([
        Attachment(
          container: .random(), network: "front", address: first.gateway, interface: "eth0",
          namespace: try NetworkNamespace.create())
      ])
    }
    #expect(
      message { () throws(NetworkError) in try outcome[0].get() }.contains(
        "is gone; create the network again"))
    #expect(try world.network("front") == first)
    #expect(try world.onHost { try $0.observe() } == [first])
    let a = try world.container("front")
    let b = try world.container("front")
    let server = try Server("b", in: b.namespace, port: 80)
    defer { server.stop() }
    #expect(try Wire.hear(b.address.description, 80, from: a.namespace)?.prefix(1) == "b")
    try world.end()
  }

  @Test func `Rules that somebody removed are heard of, seen, and set again`() throws {
    let world = try World()
    let front = try world.network("front")
    for damage in [
      "flush ruleset\n", "delete table ip cairn\n", "flush table ip cairn\n", "flush chain ip cairn input\n",
      "flush set ip cairn bridges\n", "insert rule ip cairn forward accept\n",
    ] {
      #expect(try world.onHost { try $0.heard() }.isNone, "\(damage)")
      try within(world.host) { try NFTables.run(damage) }
      try expectDamage(in: world) { $0.networks }
      let faults = try world.onHost { try $0.observe() }.map(\.fault)
      #expect(faults == ["its packet filter rules are gone or changed"], "\(damage)")
      #expect(try world.network("front") == front)
      #expect(try world.onHost { try $0.observe() } == [front])
    }
    // Somebody else's rules are no damage.
    try within(world.host) { try NFTables.run("add table ip other\ndelete table ip other\n") }
    #expect(try world.onHost { try $0.heard() }.isNone)
    try world.end()
  }

  @Test func `Changes before the table is set are no reason to look at it, nor is its removal`() throws {
    try within(NetworkNamespace.create()) {
      let socket = try NetlinkSocket(.netfilter)
      let news = try NetlinkNews(.filter)
      var firewall = Firewall()
      func hear() throws {
        for change in try news.take() ?? [] { firewall.hear(of: FilterGeneration.number(of: change)) }
      }
      try NFTables.run("add table ip other\n")
      try hear()
      #expect(firewall.isSuspect)
      for _ in 0..<2 {
        try firewall.apply(FirewallState(), socket)
        #expect(!firewall.isSuspect)
        try firewall.apply(FirewallState(forbidsOtherForwarding: true), socket)
        try firewall.remove(socket)
        try hear()
        #expect(!firewall.isSuspect)
      }
      try NFTables.run("delete table ip other\n")
      try hear()
      #expect(firewall.isSuspect)
    }
  }

  @Test func `A bridge that is set down, loses its address or is deleted is heard of and mended`() throws {
    let world = try World()
    let front = try world.network("front")
    let a = try world.container("front")
    let b = try world.container("front")
    let server = try Server("b", in: b.namespace, port: 80)
    defer { server.stop() }
    let bridge = try within(world.host) {
      try #require(try NetlinkSocket().links().first { $0.name.hasPrefix("cn-") }).name
    }
    #expect(try world.onHost { try $0.heard() }.isNone, "our own doings were taken for damage")
    for (damage, fault) in [
      ("down", "its bridge \(bridge) is down"), ("address", "its bridge \(bridge) has lost its address"),
      ("delete", "its bridge \(bridge) is gone"),
    ] {
      try within(world.host) {
        let netlink = try NetlinkSocket()
        let index = try #require(NetworkSettings.index(ofLink: bridge))
        switch damage {
        case "down": try netlink.performAll([LinkMessage.setDown(index: index)])
        case "address":
          try netlink.performAll([
            AddressMessage.remove(front.gateway.number, prefix: front.subnet.prefix, index: index)
          ])
        default: try netlink.performAll([LinkMessage.delete(name: bridge)])
        }
      }
      try expectDamage(in: world) { $0.networks }
      #expect(try world.onHost { try $0.observe() }.map(\.fault) == [fault])
      #expect(try world.network("front") == front)
      for container in [a, b] where try !world.onHost({ try $0.look().isAttached(container.id, to: "front") })
      {
        #expect(damage == "delete", "the link was lost with less than its bridge")
        try world.reattach(container)
      }
      #expect(try world.onHost { try $0.observe() } == [front])
      #expect(try Wire.hear(b.address.description, 80, from: a.namespace)?.prefix(1) == "b", "\(damage)")
      _ = try world.onHost { try $0.heard() }
    }
    try world.end()
  }

  @Test func `A link that is deleted is heard of and given back with address and route`() throws {
    let world = try World()
    try world.network("front")
    let a = try world.container("front")
    let server = try Server("out", in: world.outside, port: 80)
    defer { server.stop() }
    _ = try world.onHost { try $0.heard() }
    try within(world.host) {
      let link = try #require(try NetlinkSocket().links().first { $0.name.hasPrefix("cv") })
      try NetlinkSocket().performAll([LinkMessage.delete(name: link.name)])
    }
    try expectDamage(in: world) { $0.mayConcern(a.id) }
    #expect(try world.onHost { try $0.look().isAttached(a.id, to: "front") } == false)
    #expect(try Wire.hear(World.outsideAddress, 80, from: a.namespace, expecting: false) == nil)
    try world.reattach(a)
    #expect(try world.onHost { try $0.look().isAttached(a.id, to: "front") })
    #expect(try Wire.hear(World.outsideAddress, 80, from: a.namespace) == "out \(World.hostAddress)")
    try world.end()
  }

  /// Hears of damage that is like this, soon.
  private func expectDamage(
    in world: World, at location: SourceLocation = #_sourceLocation, _ isIt: (NetworkDamage) -> Bool
  ) throws {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(10)
    while clock.now < deadline {
      if isIt(try world.onHost { try $0.heard() }) { return }
    }
    Issue.record("no such damage was heard of", sourceLocation: location)
  }

  @Test func `Subnets keep clear of the host and of each other`() throws {
    let world = try World()
    try within(world.host) { try World.give("out0", "10.80.3.4", 18, try NetlinkSocket()) }
    let first = try world.network("a")
    let second = try world.network("b")
    #expect(first.subnet.description == "10.80.64.0/20" && second.subnet.description == "10.80.80.0/20")
    #expect(
      try refusal(world, "192.0.2.128/25")
        == "create the network x: its subnet 192.0.2.128/25 overlaps with 192.0.2.0/24, which the host reaches "
        + "through out0; choose another `subnet`, or leave it out and a free one is chosen")
    #expect(try refusal(world, "10.80.64.0/24").contains("overlaps with the network a (10.80.64.0/20)"))
    #expect(try refusal(world, "10.1.0.0/31").contains("must have a prefix from /8 to /30"))
    #expect(
      try refusal(world, "10.1.0.0/24", gateway: "10.1.1.1").contains(
        "the gateway 10.1.1.1 is no host address"))
    let chosen = try world.onHost {
      try $0.create(
        name: "c",
        definition: NetworkDefinition(
          name: "c", subnet: IPv4Subnet("172.30.5.0/24"), gateway: IPv4Address("172.30.5.254")), stack: nil,
        key: "c")
    }
    #expect(chosen.gateway.description == "172.30.5.254")
    #expect(try world.container("c").address.description == "172.30.5.1")
    // The same again is no change; another definition is refused.
    #expect(try world.network("a") == first)
    #expect(
      message { () throws(NetworkError) in
        try world.networks.create(
          name: "a", definition: NetworkDefinition(name: "a", isInternal: true), stack: "s", key: "a")
      }.contains("was made from another definition"))
    try world.end()
  }

  @Test func `A bridge believes no router and speaks no IPv6`() throws {
    let world = try World()
    try world.network("front")
    try within(world.host) {
      let bridge = try #require(try NetlinkSocket().links().first { $0.name.hasPrefix("cn-") }).name
      #expect(bridge.utf8.count <= 15)
      let wanted = [
        "ipv6/conf/\(bridge)/accept_ra": "0", "ipv6/conf/\(bridge)/disable_ipv6": "1",
        "ipv4/conf/\(bridge)/forwarding": "1", "ipv4/conf/\(bridge)/rp_filter": "1", "ipv4/ip_forward": "1",
      ]
      for (name, value) in wanted { #expect(try NetworkSettings.read(name) == value, "\(name)") }
    }
    try world.end()
  }

  @Test func `A machine that was no router forwards only for our networks`() throws {
    let world = try World()
    let beyond = try NetworkNamespace.create()
    let far = beyond.descriptor.number
    try within(world.host) {
      let netlink = try NetlinkSocket()
      try netlink.performAll([
        LinkMessage.createPair(
          host: "out1", master: 0, group: 0, peer: "eth0", peerHardwareAddress: [2, 0, 0, 0, 0, 3],
          namespace: far)
      ])
      try World.give("out1", "198.51.100.1", 24, netlink)
    }
    try within(beyond) {
      let netlink = try NetlinkSocket()
      try World.give("eth0", "198.51.100.2", 24, netlink)
      try netlink.performAll([RouteMessage.addDefault(gateway: 0xc633_6401)])
    }
    try within(world.outside) {
      try NetlinkSocket().performAll([RouteMessage.addDefault(gateway: 0xc000_0201)])
    }
    let server = try Server("far", in: beyond, port: 80)
    defer { server.stop() }
    #expect(try within(world.host) { try NetworkSettings.read("ipv4/ip_forward") } == "0")
    try world.network("front")
    let a = try world.container("front")
    #expect(try Wire.hear("198.51.100.2", 80, from: a.namespace) == "far 198.51.100.1")
    #expect(try Wire.hear("198.51.100.2", 80, from: world.outside, expecting: false) == nil)
    try world.end()
  }

  @Test func `A hundred containers are attached in one go and leave nothing behind`() throws {
    let world = try World()
    try world.network("front")
    let namespaces = try (0..<100).map { _ in try NetworkNamespace.create() }
    let endpoints = try world.onHost { networks in
      let attachments = try namespaces.map { namespace in
        let id = ContainerID.random()
        return Attachment(
          container: id, network: "front", address: try networks.allocate(network: "front", container: id),
          interface: "eth0", namespace: namespace)
      }
      return try networks.attach(attachments).map { try $0.get() }
    }
    #expect(Set(endpoints.map(\.address)).count == 100)
    #expect(endpoints[0].hardwareAddress == [2, 0xca, 10, 80, 0, 2])
    #expect(try within(world.host) { try NetlinkSocket().links() }.filter { $0.master != 0 }.count == 100)
    for (namespace, endpoint) in zip(namespaces, endpoints).prefix(3) {
      let links = try within(namespace) { try NetlinkSocket().links() }
      #expect(links.contains { $0.name == "eth0" && $0.hardwareAddress == endpoint.hardwareAddress })
    }
    // A namespace that has the interface already is refused alone.
    let outcomes = try world.onHost { networks in
      networks.attach([
        Attachment(
          container: .random(), network: "front", address: endpoints[0].address, interface: "eth0",
          namespace: namespaces[0]),
        Attachment(
          container: .random(), network: "front", address: endpoints[0].address, interface: "eth1",
          namespace: namespaces[0]),
      ])
    }
    #expect(message { () throws(NetworkError) in try outcomes[0].get() }.contains("File exists"))
    #expect(throws: Never.self) { try outcomes[1].get() }
    try world.end()
  }

  private func refusal(_ world: World, _ subnet: String, gateway: String? = nil) throws -> String {
    try world.onHost { networks in
      message { () throws(NetworkError) in
        try networks.create(
          name: "x",
          definition: NetworkDefinition(
            name: "x", subnet: IPv4Subnet(subnet), gateway: gateway.flatMap { IPv4Address($0) }), stack: "s",
          key: "x")
      }
    }
  }
}
