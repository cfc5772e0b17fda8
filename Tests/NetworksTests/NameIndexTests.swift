import Stacks
import Testing

@testable import Networks

@Suite struct NameIndexTests {
  private static let web1 = ContainerID.random()
  private static let db = ContainerID.random()

  /// `front` has web twice, `back` has db and web 1 and no way out, `far` has another stack's web.
  private let index = NameIndex(
    NameTable(
      zones: [
        zone("front", "10.80.0.0/20", false), zone("back", "10.80.16.0/20", true),
        zone("far", "10.80.32.0/20", false),
      ],
      names: [
        "front": [
          "web": addresses("10.80.0.2", "10.80.0.3"), "s-web-1": addresses("10.80.0.2"),
          "www": addresses("10.80.0.2"), "s-web-2": addresses("10.80.0.3"),
          "0123456789ab": addresses("10.80.0.3"),
        ],
        "back": [
          "web": addresses("10.80.16.2"), "s-web-1": addresses("10.80.16.2"), "db": addresses("10.80.16.3"),
        ],
        "far": ["web": addresses("10.80.32.2")],
      ],
      names6: [
        "front": ["web": [2, 3].map { IPv6Address(number: 0xfd << 120 | $0) }]
      ]))

  private var members: NameMembers {
    var members = NameMembers()
    members.add(Self.web1, on: "front", at: Self.addresses("10.80.0.2")[0])
    members.add(Self.web1, on: "back", at: Self.addresses("10.80.16.2")[0])
    members.add(Self.db, on: "back", at: Self.addresses("10.80.16.3")[0])
    return members
  }

  @Test func `One that has left sees its networks no longer`() {
    var members = members
    let here = Self.addresses("10.80.0.2")[0]
    #expect(members.networks(of: here, on: "front") == ["front", "back"])
    members.remove(network: "back")
    #expect(members.networks(of: here, on: "front") == ["front"])
    members.remove(Self.web1)
    #expect(members.container(at: here, on: "front") == nil)
  }

  @Test func `A service has the IPv6 addresses of its replicas, or none of that kind`() throws {
    func ask(_ name: String, at network: String, from: String, turn: Int = 0) -> NameIndex.Decision? {
      self.ask(name, type: NameQuery.typeAAAA, at: network, from: from, turn: turn)
    }
    let both = try ["fd00::2", "fd00::3"].map { try #require(IPv6Address($0)) }
    #expect(ask("web", at: "front", from: "10.80.0.3") == .answer(.addresses6(both)))
    #expect(ask("web", at: "front", from: "10.80.0.3", turn: 1) == .answer(.addresses6(both.reversed())))
    #expect(ask("www", at: "front", from: "10.80.0.3") == .answer(.addresses([])))
    #expect(ask("web", at: "back", from: "10.80.16.3") == .answer(.addresses([])))
    #expect(ask("example.org", at: "front", from: "10.80.0.3") == .forward)
  }

  @Test func `A service has the addresses of its replicas, each first in its turn`() {
    #expect(
      ask("web", at: "front", from: "10.80.0.3", turn: 0)
        == .answer(.addresses(Self.addresses("10.80.0.2", "10.80.0.3"))))
    #expect(
      ask("web", at: "front", from: "10.80.0.3", turn: 1)
        == .answer(.addresses(Self.addresses("10.80.0.3", "10.80.0.2"))))
    #expect(ask("www", at: "front", from: "10.80.0.3") == .answer(.addresses(Self.addresses("10.80.0.2"))))
    #expect(
      ask("S-WEB-2", at: "front", from: "10.80.0.9") == .answer(.addresses(Self.addresses("10.80.0.3"))))
    #expect(
      ask("s-web-1.front", at: "front", from: "10.80.0.3") == .answer(.addresses(Self.addresses("10.80.0.2")))
    )
  }

  @Test func `A container sees the names of all its networks, and of no other`() {
    #expect(ask("db", at: "front", from: "10.80.0.2") == .answer(.addresses(Self.addresses("10.80.16.3"))))
    #expect(ask("db", at: "front", from: "10.80.0.3") == .forward)
    #expect(ask("web", at: "far", from: "10.80.32.2") == .answer(.addresses(Self.addresses("10.80.32.2"))))
  }

  @Test func `Nothing is passed on from an internal network`() {
    #expect(ask("example.org", at: "front", from: "10.80.0.2") == .forward)
    #expect(ask("example.org", at: "back", from: "10.80.16.3") == .answer(.failure(3)))
    #expect(ask("example.org", at: "back", from: "10.80.16.200") == .answer(.failure(3)))
    // This one has a way out, and shall ask its other name server.
    #expect(ask("example.org", at: "back", from: "10.80.16.2") == .answer(.failure(2)))
  }

  @Test func `Who is not of the network gets no word`() {
    #expect(ask("web", at: "front", from: "192.0.2.1") == .ignore)
    #expect(ask("web", at: "front", from: "10.80.16.3") == .ignore)
    #expect(ask("web", at: "gone", from: "10.80.0.2") == .ignore)
  }

  @Test func `Other types of a known name are empty`() {
    #expect(ask("www", type: 28, at: "front", from: "10.80.0.2") == .answer(.addresses([])))
    #expect(ask("web", type: 15, at: "front", from: "10.80.0.2") == .answer(.addresses([])))
    #expect(
      ask("web", type: 255, at: "far", from: "10.80.32.2")
        == .answer(.addresses(Self.addresses("10.80.32.2"))))
  }

  @Test func `Addresses lead back to names, and ours are nobody else's business`() {
    #expect(
      ask("3.0.80.10.in-addr.arpa", type: 12, at: "front", from: "10.80.0.2") == .answer(.name("s-web-2")))
    #expect(ask("3.16.80.10.in-addr.arpa", type: 12, at: "front", from: "10.80.0.3") == .answer(.failure(3)))
    #expect(ask("9.0.80.10.in-addr.arpa", type: 12, at: "front", from: "10.80.0.2") == .answer(.failure(3)))
    #expect(ask("8.8.8.8.in-addr.arpa", type: 12, at: "front", from: "10.80.0.2") == .forward)
    #expect(ask("3.0.80.10.in-addr.arpa", type: 1, at: "front", from: "10.80.0.2") == .answer(.addresses([])))
  }

  private func ask(_ name: String, type: UInt16 = 1, at network: String, from source: String, turn: Int = 0)
    -> NameIndex.Decision?
  {
    guard let query = try? NameQuery(question(name, type: type)), let source = IPv4Address(source) else {
      return nil
    }
    return index.decide(query, at: network, from: source, members: members, turn: turn)
  }

  private static func addresses(_ texts: String...) -> [IPv4Address] { texts.compactMap { IPv4Address($0) } }

  private static func zone(_ name: String, _ subnet: String, _ isInternal: Bool) -> NameTable.Zone {
    NameTable.Zone(
      network: name, subnet: IPv4Subnet(subnet) ?? IPv4Subnet(containing: .any, prefix: 32),
      isInternal: isInternal)
  }
}

@Suite struct NameAnswerTests {
  @Test func `An answer echoes the question and says that we know`() throws {
    let query = try NameQuery(question("Web", id: 0x0102, payload: 4096))
    let bytes = NameAnswer.addresses([IPv4Address(number: 0x0a50_0002)]).encoded(for: query, limit: 512)
    #expect(
      bytes == [
        0x01, 0x02, 0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 1,  // QR AA RD RA; one question, answer, addition
        3, 0x57, 0x65, 0x62, 0, 0, 1, 0, 1,  // "Web", A, IN
        0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 80, 0, 2,  // to the name, A, IN, 5 s, 4 bytes
        0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0,  // OPT: 1232 bytes
      ])
  }

  @Test func `What does not fit is left out and said so`() throws {
    let query = try NameQuery(question("web"))
    let all = NameAnswer.addresses((0..<500).map { IPv4Address(number: 0x0a50_0000 + $0) })
    let short = try #require(DNSReply(all.encoded(for: query, limit: query.answerLimit)))
    #expect(short.isTruncated && short.addresses.count == 30)
    let long = try #require(DNSReply(all.encoded(for: query, limit: 65535)))
    #expect(!long.isTruncated && long.addresses.count == 500)
  }

  @Test(arguments: [
    ("nameserver 192.0.2.1\n", ["192.0.2.1"]), ("", ["127.0.0.1"]),
    ("search a b\noptions ndots:5\n", ["127.0.0.1"]),
    (
      "# nameserver 1.2.3.4\nnameserver\t192.0.2.1  \nnameserver fe80::1%eth0\nnameserver 192.0.2.2",
      ["192.0.2.1", "192.0.2.2"]
    ),
    ("nameserver ::1\n", []),
    (
      "nameserver 1.0.0.1\nnameserver 1.0.0.2\nnameserver 1.0.0.3\nnameserver 1.0.0.4\n",
      ["1.0.0.1", "1.0.0.2", "1.0.0.3"]
    ),
  ])
  func `The host's name servers are read as the C library does`(text: String, servers: [String]) {
    #expect(Resolvers.parse(text).map(\.description) == servers)
  }
}
