import Kernel
import Stacks
import Synchronization
import Testing

@testable import Networks

/// The name server on the real kernel, with another one outside.
@Suite struct NameServerTests {
  @Test func `Containers find each other by name, and the world through the host`() throws {
    let world = try World()
    let front = try world.network("front")
    let a = try world.container("front")
    let b = try world.container("front")
    let upstream = try upstream(world.outside, .udp)
    defer { upstream.stop() }
    try world.name("front", ["web": [a, b], "s-web-1": [a], "s-web-2": [b]])
    let gateway = front.gateway

    let first = try #require(try Wire.resolve("web", at: gateway, from: a.namespace))
    let second = try #require(try Wire.resolve("WEB", at: gateway, from: a.namespace))
    #expect(first.isAuthoritative && first.code == 0 && first.id == 7)
    #expect(Set(first.addresses) == [a.address.description, b.address.description])
    #expect(second.addresses == Array(first.addresses.reversed()))
    let reverse =
      b.address.description.split(separator: ".").reversed().joined(separator: ".") + ".in-addr.arpa"
    #expect(try Wire.resolve(reverse, type: 12, at: gateway, from: a.namespace)?.names == ["s-web-2"])
    let empty = try #require(try Wire.resolve("web", type: 28, at: gateway, from: a.namespace))
    #expect(empty.code == 0 && empty.addresses.isEmpty)
    #expect(upstream.received.isEmpty)

    #expect(try Wire.resolve("example.org", at: gateway, from: a.namespace)?.addresses == ["198.51.100.7"])
    #expect(upstream.received.count == 1)
    // A malformed question gets its error, and the server lives on.
    let broken = try Wire.ask(gateway.description, 53, from: a.namespace, Array(question("web").dropLast()))
    #expect(broken.flatMap { DNSReply($0) }?.code == 1)
    #expect(try Wire.resolve("web", at: gateway, from: a.namespace)?.code == 0)
    try world.end()
  }

  @Test func `Long answers come by TCP, and so do those from outside`() throws {
    let world = try World()
    let front = try world.network("front")
    let a = try world.container("front")
    let upstream = try upstream(world.outside, .tcp)
    defer { upstream.stop() }
    let many = (0..<300).compactMap { front.subnet.address(at: 1000 + $0) }
    try world.onHost { try $0.set(Routing(names: ["front": ["many": many]])) }
    let short = try #require(try Wire.resolve("many", at: front.gateway, from: a.namespace))
    #expect(short.isTruncated && short.addresses.count == 30)
    let wider = try #require(try Wire.resolve("many", at: front.gateway, from: a.namespace, payload: 4096))
    #expect(wider.isTruncated && wider.addresses.count > 60)
    let whole = try #require(try Wire.resolveByStream("many", at: front.gateway, from: a.namespace))
    #expect(!whole.isTruncated && Set(whole.addresses).count == 300)
    #expect(
      try Wire.resolveByStream("example.org", at: front.gateway, from: a.namespace)?.addresses == [
        "198.51.100.7"
      ])
    try world.end()
  }

  @Test func `A container with servers of its own asks those, and only for what we do not know`() throws {
    let world = try World()
    let front = try world.network("front")
    let a = try world.container("front")
    let b = try world.container("front")
    try within(world.outside) { try World.give("eth0", "192.0.2.3", 24, try NetlinkSocket()) }
    let usual = try upstream(world.outside, .udp, at: "192.0.2.2")
    defer { usual.stop() }
    let own = try upstream(world.outside, .udp, at: "192.0.2.3")
    defer { own.stop() }
    try world.name("front", ["web": [b]])
    try world.onHost { $0.setServers([try #require(IPv4Address("192.0.2.3"))], of: a.id) }
    for (container, server, other) in [(a, own, usual), (b, usual, own)] {
      let before = (server.received.count, other.received.count)
      #expect(
        try Wire.resolve("example.org", at: front.gateway, from: container.namespace)?.addresses == [
          "198.51.100.7"
        ])
      #expect(server.received.count == before.0 + 1 && other.received.count == before.1)
      #expect(
        try Wire.resolve("web", at: front.gateway, from: container.namespace)?.addresses == [
          b.address.description
        ])
    }
    // With the container its wish goes.
    try world.onHost { host in
      host.release(a.id)
      _ = try host.allocate(network: "front", container: a.id, fixed: a.address)
    }
    let before = usual.received.count
    #expect(try Wire.resolve("example.org", at: front.gateway, from: a.namespace)?.code == 0)
    #expect(usual.received.count == before + 1)
    try world.end()
  }

  @Test func `A container with links calls others by names of its own`() throws {
    let world = try World()
    let front = try world.network("front")
    let a = try world.container("front")
    let b = try world.container("front")
    try world.name("front", ["postgres": [b]])
    try world.onHost { $0.setLinks(["DB": "postgres"], of: a.id) }
    #expect(
      try Wire.resolve("db", at: front.gateway, from: a.namespace)?.addresses == [b.address.description])
    #expect(
      try Wire.resolve("postgres", at: front.gateway, from: a.namespace)?.addresses == [b.address.description]
    )
    // To the others it means nothing, and with the container it goes.
    #expect(
      try Wire.resolve("db", at: front.gateway, from: b.namespace)?.addresses != [b.address.description])
    try world.onHost { $0.release(a.id) }
    #expect(
      try Wire.resolve("db", at: front.gateway, from: a.namespace)?.addresses != [b.address.description])
    try world.end()
  }

  @Test func `No question leaves an internal network`() throws {
    let world = try World()
    let inside = try world.network("inside", isInternal: true)
    let front = try world.network("front")
    let upstream = try upstream(world.outside, .udp)
    defer { upstream.stop() }
    let a = try world.container("inside")
    let both = try world.container("front", "inside")
    try world.name("inside", ["web": [a]])
    #expect(
      try Wire.resolve("web", at: inside.gateway, from: a.namespace)?.addresses == [a.address.description])
    #expect(try Wire.resolve("example.org", at: inside.gateway, from: a.namespace)?.code == 3)
    #expect(try Wire.resolveByStream("example.org", at: inside.gateway, from: a.namespace)?.code == 3)
    #expect(try Wire.resolve("example.org", at: inside.gateway, from: both.namespace)?.code == 2)
    #expect(upstream.received.isEmpty)
    // By its other network it has a way out, and sees the names of both.
    #expect(
      try Wire.resolve("example.org", at: front.gateway, from: both.namespace)?.addresses == ["198.51.100.7"])
    #expect(
      try Wire.resolve("web", at: front.gateway, from: both.namespace)?.addresses == [a.address.description])
    try world.end()
  }

  @Test func `The next server is asked where one is silent or unwilling, and a failure said in the end`()
    throws
  {
    let world = try World()
    let front = try world.network("front")
    let a = try world.container("front")
    try within(world.outside) {
      let netlink = try NetlinkSocket()
      try World.give("eth0", "192.0.2.3", 24, netlink)
    }
    let unwilling = try Server(
      "u", in: world.outside, .udp, port: 53, at: try #require(IPv4Address("192.0.2.2")),
      reply: { Array($0.prefix(2)) + [0x81, 0x85] + Array($0.dropFirst(4)) })
    defer { unwilling.stop() }
    try Files.replace(
      world.directory + "/resolv.conf", with: Array("nameserver 192.0.2.2\nnameserver 192.0.2.3\n".utf8))
    // Nobody is at the second address: refused at once by both, twice; the last word is passed on.
    #expect(try Wire.resolve("example.org", at: front.gateway, from: a.namespace)?.code == 2)
    #expect(unwilling.received.count == 2)
    let willing = try upstream(world.outside, .udp, at: "192.0.2.3")
    defer { willing.stop() }
    #expect(
      try Wire.resolve("example.org", at: front.gateway, from: a.namespace)?.addresses == ["198.51.100.7"])
    // The file is read again when it has changed.
    try Files.replace(world.directory + "/resolv.conf", with: Array("nameserver 192.0.2.3\n# more\n".utf8))
    let before = unwilling.received.count
    #expect(
      try Wire.resolve("example.org", at: front.gateway, from: a.namespace)?.addresses == ["198.51.100.7"])
    #expect(unwilling.received.count == before)
    try world.end()
  }

  @Test func `A forged answer is passed over`() throws {
    let world = try World()
    let front = try world.network("front")
    let a = try world.container("front")
    // Another ID, then another question: neither counts, and nothing better comes.
    let liar = try Server("l", in: world.outside, .udp, port: 53) { query in
      [query[0] ^ 1, query[1]] + answer(to: query).dropFirst(2)
    }
    defer { liar.stop() }
    #expect(try Wire.resolve("example.org", at: front.gateway, from: a.namespace)?.code == 2)
    #expect(liar.received.count >= 2)
    try world.end()
  }

  @Test func `Outsiders and other networks get no word`() throws {
    let world = try World()
    let front = try world.network("front")
    let side = try world.network("side")
    let a = try world.container("front")
    let c = try world.container("side")
    try world.name("front", ["web": [a]])
    let port = try #require(world.networks.state.withLock { $0.records["front"]?.nameServerPort })
    try within(world.outside) {
      try NetlinkSocket().performAll([RouteMessage.addDefault(gateway: 0xc000_0201)])
    }
    for (namespace, address, port) in [
      (c.namespace, front.gateway, port), (c.namespace, front.gateway, 53),
      (world.outside, front.gateway, port),
    ] {
      #expect(
        try Wire.ask(address.description, port, from: namespace, question("web"), expecting: false) == nil)
    }
    #expect(try Wire.resolve("web", at: side.gateway, from: c.namespace)?.addresses == [])
    try world.end()
  }

  private func upstream(
    _ namespace: NetworkNamespace, _ transport: InetSocket.Transport, at address: String = "0.0.0.0"
  )
    throws -> Server
  {
    try Server("up", in: namespace, transport, port: 53, at: IPv4Address(address) ?? .any) { bytes in
      guard transport == .tcp else { return answer(to: bytes) }
      let reply = answer(to: Array(bytes.dropFirst(2)))
      return [UInt8(reply.count >> 8), UInt8(reply.count & 255)] + reply
    }
  }
}

/// What the server outside says to everything: 198.51.100.7.
private func answer(to query: [UInt8]) -> [UInt8] {
  guard query.count > 12, let parsed = try? NameQuery(query), let address = IPv4Address("198.51.100.7") else {
    return []
  }
  return NameAnswer.addresses([address]).encoded(for: parsed, limit: 512)
}

extension World {
  /// Sets the names of a network, whatever else is routed.
  func name(_ network: String, _ names: [String: [Container]]) throws {
    try onHost { networks in
      var routing = networks.routing
      routing.names[network] = names.mapValues { containers in
        containers.compactMap { c in c.endpoints.first { $0.network == network }?.address }
      }
      try networks.set(routing)
    }
  }
}
