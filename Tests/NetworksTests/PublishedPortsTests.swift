import Kernel
import Stacks
import Synchronization
import Testing

@testable import Networks

/// Published ports on the real kernel.
@Suite struct PublishedPortsTests {
  @Test(arguments: ["0", "1"])
  func `A published port is reached from outside, from the host, and from containers`(
    bridgesAreFiltered: String
  )
    throws
  {
    let world = try World()
    // Either way the host's br_netfilter is set, where it is there at all.
    try within(world.host) {
      try NetworkSettings.write(bridgesAreFiltered, to: "bridge/bridge-nf-call-iptables", mayBeAbsent: true)
    }
    try world.network("front")
    try world.network("side")
    let web = try world.container("front")
    let neighbour = try world.container("front")
    let stranger = try world.container("side")
    let server = try Server("web", in: web.namespace, port: 80)
    defer { server.stop() }
    try world.publish(port(8080, [web.backend(80)]))
    let gateway = web.endpoints[0].gateway.description

    // From outside the client's own address is seen.
    #expect(try Wire.hear(World.hostAddress, 8080, from: world.outside) == "web \(World.outsideAddress)")
    // The host by its loopback address, by its own address, and by the gateway.
    for address in ["127.0.0.1", World.hostAddress, gateway] {
      #expect(try Wire.hear(address, 8080, from: world.host)?.hasPrefix("web ") == true, "\(address)")
    }
    // A container itself, one on the same network, and one on another, by the host's address.
    #expect(try Wire.hear(World.hostAddress, 8080, from: web.namespace) == "web \(gateway)")
    #expect(try Wire.hear(World.hostAddress, 8080, from: neighbour.namespace) == "web \(gateway)")
    #expect(try Wire.hear(gateway, 8080, from: neighbour.namespace) == "web \(gateway)")
    #expect(try Wire.hear(World.hostAddress, 8080, from: stranger.namespace) == "web \(stranger.address)")

    try world.publish()
    #expect(try Wire.hear(World.hostAddress, 8080, from: world.outside, expecting: false) == nil)
    try world.end()
  }

  /// On the network `front`, behind port 8080.
  private func threeReplicas(in world: World) throws -> ([Container], [Server]) {
    let replicas = try (0..<3).map { _ in try world.container("front") }
    let servers = try replicas.enumerated().map { try Server("web\($0)", in: $1.namespace, port: 80) }
    try world.publish(port(8080, replicas.map { $0.backend(80) }))
    return (replicas, servers)
  }

  @Test func `Connections are spread evenly over the replicas, and follow them`() throws {
    let world = try World()
    try world.network("front")
    let (replicas, servers) = try threeReplicas(in: world)
    defer { for server in servers { server.stop() } }
    for (address, from) in [(World.hostAddress, world.outside), ("127.0.0.1", world.host)] {
      var heard: [String: Int] = [:]
      for _ in 0..<9 {
        let name = try #require(try Wire.hear(address, 8080, from: from)).prefix(4)
        heard[String(name), default: 0] += 1
      }
      #expect(heard == ["web0": 3, "web1": 3, "web2": 3])
    }
    try world.publish(port(8080, [replicas[1].backend(80)]))
    for _ in 0..<3 {
      #expect(try Wire.hear(World.hostAddress, 8080, from: world.outside)?.prefix(4) == "web1")
    }
    try world.end()
  }

  @Test func `No connection is refused while the replicas behind a port change`() throws {
    let world = try World()
    try world.network("front")
    let (replicas, servers) = try threeReplicas(in: world)
    defer { for server in servers { server.stop() } }

    let heard = Mutex<[String?: Int]>([:])
    let failure = Mutex<String?>(nil)
    let isDone = Mutex(false)
    let host = world.host
    let client = try DedicatedThread {
      do {
        try within(host) {
          let place = InetAddress(address: IPv4Address.loopback.number, port: 8080)
          while !isDone.withLock({ $0 }) {
            let name = try Wire.hear(place, Wire.patience)
            heard.withLock { $0[name, default: 0] += 1 }
          }
        }
      } catch {
        failure.withLock { $0 = "\(error)" }
      }
    }
    defer { client.join() }
    defer { isDone.withLock { $0 = true } }
    // A packet has to pass at the very moment of a change: most ways to do it wrong show within 200.
    for i in 0..<200 {
      try world.publish(port(8080, replicas.prefix(2 + i % 2).map { $0.backend(80) }))
    }
    isDone.withLock { $0 = true }
    client.join()
    #expect(failure.withLock { $0 } == nil)
    let counts = heard.withLock { $0 }
    #expect(counts[nil] == nil && counts.count > 1, "\(counts)")
    try world.end()
  }

  @Test func `A port published at the loopback address is for the host only`() throws {
    let world = try World()
    try world.network("front")
    let web = try world.container("front")
    let other = try world.container("front")
    let server = try Server("web", in: web.namespace, port: 80)
    defer { server.stop() }
    try world.publish(port(8080, [web.backend(80)], at: "127.0.0.1"))
    #expect(try Wire.hear("127.0.0.1", 8080, from: world.host)?.hasPrefix("web ") == true)
    #expect(try Wire.hear(World.hostAddress, 8080, from: world.host, expecting: false) == nil)
    #expect(try Wire.hear(World.hostAddress, 8080, from: world.outside, expecting: false) == nil)
    #expect(try Wire.hear(World.hostAddress, 8080, from: other.namespace, expecting: false) == nil)

    // A neighbour on the cable that routes to the container, or to 127.0.0.1, by the host. The host
    // is made to take such packets, so that nothing but our rules stands between.
    try world.leaveLoopbackToTheCable(world.outside, via: World.hostAddress)
    try within(world.host) { try NetworkSettings.write("1", to: "ipv4/conf/out0/route_localnet") }
    #expect(try Wire.hear("127.0.0.1", 8080, from: world.outside, expecting: false) == nil)
    #expect(try Wire.hear(web.address.description, 80, from: world.outside, expecting: false) == nil)
    #expect(server.received.count == 1)
    try world.end()
  }

  @Test func `A container cannot reach what listens on the host's loopback address`() throws {
    let world = try World()
    try world.network("front")
    let container = try world.container("front")
    let secret = try Server("secret", in: world.host, port: 9000, at: .loopback)
    defer { secret.stop() }
    let gateway = container.endpoints[0].gateway.description
    #expect(try Wire.hear("127.0.0.1", 9000, from: world.host) == "secret 127.0.0.1")
    try world.leaveLoopbackToTheCable(container.namespace, via: gateway, hasDefault: true)
    #expect(try Wire.hear("127.0.0.1", 9000, from: container.namespace, expecting: false) == nil)
    #expect(secret.received.count == 1)
    try world.end()
  }

  @Test func `A port published at one address of the host beats one at every address`() throws {
    let world = try World()
    try world.network("front")
    let a = try world.container("front")
    let b = try world.container("front")
    let servers = [
      try Server("a", in: a.namespace, port: 80), try Server("b", in: b.namespace, port: 80),
    ]
    defer { for server in servers { server.stop() } }
    try world.publish(port(8080, [a.backend(80)]), port(8080, [b.backend(80)], at: "127.0.0.1"))
    #expect(try Wire.hear(World.hostAddress, 8080, from: world.outside)?.prefix(1) == "a")
    #expect(try Wire.hear("127.0.0.1", 8080, from: world.host)?.prefix(1) == "b")
    try world.end()
  }

  @Test func `Datagrams follow when the container behind the port changes`() throws {
    let world = try World()
    try world.network("front")
    let a = try world.container("front")
    let b = try world.container("front")
    let servers = [
      try Server("a", in: a.namespace, .udp, port: 53), try Server("b", in: b.namespace, .udp, port: 53),
    ]
    defer { for server in servers { server.stop() } }
    // One socket all along, as a client that never stops sending: it begins before the port is.
    let client = try Wire.datagrams(in: world.outside)
    func ask(_ expecting: Bool = true) throws -> String? {
      try Wire.ask(client, World.hostAddress, 5353, [1], expecting: expecting).map {
        String(decoding: $0, as: UTF8.self)
      }
    }
    #expect(try ask(false) == nil)
    try world.publish(port(5353, [a.backend(53)], .udp))
    #expect(try ask() == "a \(World.outsideAddress)")
    try world.publish(port(5353, [b.backend(53)], .udp))
    #expect(try ask() == "b \(World.outsideAddress)")
    #expect(
      try Wire.ask("127.0.0.1", 5353, from: world.host, [1]).map { String(decoding: $0, as: UTF8.self) }?
        .prefix(1) == "b")
    try world.end()
  }

  @Test func `Ports of internal networks lead nowhere from outside`() throws {
    let world = try World()
    try world.network("inside", isInternal: true)
    let web = try world.container("inside")
    let server = try Server("web", in: web.namespace, port: 80)
    defer { server.stop() }
    try world.publish(port(8080, [web.backend(80)]))
    #expect(try Wire.hear(World.hostAddress, 8080, from: world.outside, expecting: false) == nil)
    try world.end()
  }

  @Test func `Five hundred replicas and five hundred ports are set at once`() throws {
    let world = try World()
    let network = try world.network("front")
    let web = try world.container("front")
    let server = try Server("web", in: web.namespace, port: 80)
    defer { server.stop() }
    let replicas = (0..<500).compactMap { network.subnet.address(at: 1000 + $0) }.map {
      Backend(container: .random(), network: "front", address: $0, port: 80)
    }
    let single = (0..<500).map { port(UInt16(20000 + $0), [web.backend(80)]) }
    try world.publish(Array(single) + [port(8080, replicas)])
    #expect(try Wire.hear(World.hostAddress, 20499, from: world.outside)?.prefix(3) == "web")
    try world.end()
  }

  private func port(
    _ number: UInt16, _ backends: [Backend], _ transport: PortMapping.Transport = .tcp,
    at address: String = "0.0.0.0"
  ) -> PublishedPort {
    PublishedPort(
      stack: "s", service: "web",
      mapping: PortMapping(
        transport: transport, hostAddress: IPv4Address(address) ?? .any, hostPort: number, containerPort: 80),
      backends: backends)
  }
}

extension World {
  /// Sets the ports, whatever the names.
  func publish(_ ports: PublishedPort...) throws { try publish(ports) }

  func publish(_ ports: [PublishedPort]) throws {
    try onHost { networks in
      var routing = networks.routing
      routing.ports = ports
      try networks.set(routing)
    }
  }

  /// In the namespace, 127.0.0.1 is no address of its own any more but lies behind the gateway.
  func leaveLoopbackToTheCable(_ namespace: NetworkNamespace, via gateway: String, hasDefault: Bool = false)
    throws
  {
    try within(namespace) {
      let netlink = try NetlinkSocket()
      let loopback = try #require(NetworkSettings.index(ofLink: "lo"))
      // RTM_DELADDR: as long as the address is there, its route is too, even with the link down.
      var withdraw = AddressMessage.add(IPv4Address.loopback.number, prefix: 8, index: loopback)
      withdraw.type = 21
      withdraw.flags = 0
      try netlink.performAll([withdraw])
      try NetworkSettings.write("1", to: "ipv4/conf/all/route_localnet")
      if !hasDefault {
        try netlink.performAll([RouteMessage.addDefault(gateway: try #require(IPv4Address(gateway)).number)])
      }
    }
  }
}
