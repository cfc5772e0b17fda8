import Testing

@testable import Kernel

@Suite struct NetworkNamespaceTests {
  @Test func `A new namespace has a loopback interface only`() throws {
    let namespace = try NetworkNamespace.create()
    let links = try namespace.run { () throws(SystemError) in try NetlinkSocket().links() }
    #expect(links.contains { $0.name == "lo" && !$0.isUp })
    #expect(!links.contains { $0.master != 0 })
  }

  @Test func `Pairs are made with their peers in place, and a group is deleted at once`() throws {
    let host = try NetworkNamespace.create()
    let inside = try NetworkNamespace.create()
    let number = inside.descriptor.number
    let (before, after) = try host.run { () throws(SystemError) in
      let netlink = try NetlinkSocket()
      try netlink.performAll([
        LinkMessage.createBridge("cn-t", group: 77, hardwareAddress: [2, 0, 0, 0, 0, 1])
      ])
      guard let bridge = NetworkSettings.index(ofLink: "cn-t") else { return ([], []) as ([Link], [Link]) }
      try netlink.performAll(
        (0..<300).map {
          LinkMessage.createPair(
            host: "cv\($0)", master: bridge, group: 77, peer: "eth\($0)",
            peerHardwareAddress: [2, 0, 0, 1, UInt8($0 >> 8), UInt8($0 & 255)], namespace: number)
        })
      let before = try netlink.links()
      try netlink.performAll([LinkMessage.deleteGroup(77)])
      return (before, try netlink.links())
    }
    #expect(before.filter { $0.master != 0 && $0.group == 77 && $0.isUp }.count == 300)
    #expect(!before.contains { $0.name.hasPrefix("eth") })
    #expect(!after.contains { $0.group == 77 })
    let left = try inside.run { () throws(SystemError) in try NetlinkSocket().links() }
    #expect(!left.contains { $0.name.hasPrefix("eth") })
  }

  @Test func `Links that are deleted by a thread of its own are gone when it says so`() throws {
    let host = try NetworkNamespace.create()
    try host.run { () throws(SystemError) in
      let netlink = try NetlinkSocket()
      for round in 0..<10 {
        try netlink.performAll(
          (0..<3).map {
            LinkMessage.createBridge("cn-\($0)", group: 70 + $0, hardwareAddress: [2, 0, 0, 0, 0, UInt8($0)])
          })
        let removal = try LinkRemoval(
          of: ["cn-0", "cn-1", "cn-2"], by: (0..<3).map { LinkMessage.deleteGroup(70 + $0) })
        #expect(try removal.wait().allSatisfy { $0 == nil }, "round \(round)")
        #expect(try !netlink.links().contains { $0.name.hasPrefix("cn-") }, "round \(round)")
      }
      // One that is not there is never told of: the answer says it.
      let removal = try LinkRemoval(of: ["cn-0"], by: [LinkMessage.deleteGroup(70)])
      #expect(try removal.wait().map { $0?.isNoDevice } == [true])
    }
  }

  @Test func `A failure among many messages holds up no other and says why`() throws {
    let host = try NetworkNamespace.create()
    let outcomes = try host.run { () throws(SystemError) in
      try NetlinkSocket().perform([
        LinkMessage.delete(name: "absent"), LinkMessage.setUp(name: "lo"),
        LinkMessage.createBridge("lo", group: 1, hardwareAddress: [2, 0, 0, 0, 0, 1]),
      ])
    }
    #expect(outcomes.map { $0?.isNoDevice } == [true, nil, false])
    #expect(outcomes[2]?.isExisting == true)
    #expect(outcomes[0]?.description.hasPrefix("delete the interface absent: No such device") == true)
  }

  @Test func `Rules are applied however many descriptors are open`() throws {
    OpenFileLimit.raise()
    try #require(try ProcessLimits.limit(of: 7).soft > 1200, "a process may open so many here")
    let open = try (0..<1100).map { _ in try Files.open("/dev/null", flags: 0) }
    let listing = try NetworkNamespace.create().run { () throws(SystemError) in
      try NFTables.run("add table ip one\n")
      return try NFTables.run("list tables\n")
    }
    #expect(listing == "table ip one\n")
    withExtendedLifetime(open) {}
  }

  @Test func `Rules are applied as one transaction`() throws {
    let host = try NetworkNamespace.create()
    let (failure, listing) = try host.run { () throws(SystemError) in
      var failure: SystemError?
      do throws(SystemError) {
        try NFTables.run("add table ip one\nadd table ip two\nadd chain ip three four\n")
      } catch {
        failure = error
      }
      let during = try NFTables.run("list ruleset\n")
      try NFTables.run("add table ip one\n")
      return (failure, [during, try NFTables.run("list tables\n")])
    }
    #expect(failure?.hint.contains("No such file or directory") == true)
    #expect(listing[0].isEmpty)
    #expect(listing[1] == "table ip one\n")
  }
}
