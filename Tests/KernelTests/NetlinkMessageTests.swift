import Testing

@testable import Kernel

/// Messages byte for byte, as linux/netlink.h, if_link.h, if_addr.h and rtnetlink.h lay them out.
@Suite struct NetlinkMessageTests {
  @Test func `A bridge is created by one message`() {
    let message = LinkMessage.createBridge(
      "cn-1", group: 0x4000_0007, hardwareAddress: [2, 0xca, 10, 80, 0, 1])
    expect(
      message, sequence: 9,
      is: """
        6c000000 1000 0006 09000000 00000000      # length 108, RTM_NEWLINK, CREATE|EXCL, sequence 9, port 0
        00 00 0000 00000000 00000000 00000000     # family, padding, type, index, flags, change
        0900 0300 636e2d31 00 000000              # IFLA_IFNAME "cn-1"
        0800 1b00 07000040                        # IFLA_GROUP
        0a00 0100 02ca0a500001 0000               # IFLA_ADDRESS
        2c00 1200                                 # IFLA_LINKINFO
          0b00 0100 627269646765 00 00            #   IFLA_INFO_KIND "bridge"
          1c00 0200                               #   IFLA_INFO_DATA
            0800 0100 00000000                    #     IFLA_BR_FORWARD_DELAY 0
            0800 0500 00000000                    #     IFLA_BR_STP_STATE 0
            0500 1700 00 000000                   #     IFLA_BR_MCAST_SNOOPING 0
        """)
  }

  @Test func `A veth pair is created with its peer in another namespace by one message`() {
    let message = LinkMessage.createPair(
      host: "cvab", master: 3, group: 0x4000_0007, peer: "eth0",
      peerHardwareAddress: [2, 0xca, 10, 80, 0, 2],
      namespace: 5)
    expect(
      message, sequence: 1,
      is: """
        a4000000 1000 0006 01000000 00000000      # length, RTM_NEWLINK, CREATE|EXCL, sequence, port
        00 00 0000 00000000 01000000 01000000     # flags: IFF_UP, change: IFF_UP
        0900 0300 63766162 00 000000              # IFLA_IFNAME "cvab"
        0800 0a00 03000000                        # IFLA_MASTER
        0800 1b00 07000040                        # IFLA_GROUP
        0800 1f00 01000000                        # IFLA_NUM_TX_QUEUES
        0800 2000 01000000                        # IFLA_NUM_RX_QUEUES
        5800 1200                                 # IFLA_LINKINFO
          0900 0100 76657468 00 000000            #   IFLA_INFO_KIND "veth"
          4800 0200                               #   IFLA_INFO_DATA
            4400 0100                             #     VETH_INFO_PEER
              00 00 0000 00000000 00000000 00000000 #     its own struct ifinfomsg
              0900 0300 65746830 00 000000        #       IFLA_IFNAME "eth0"
              0a00 0100 02ca0a500002 0000         #       IFLA_ADDRESS
              0800 1f00 01000000                  #       IFLA_NUM_TX_QUEUES
              0800 2000 01000000                  #       IFLA_NUM_RX_QUEUES
              0800 1c00 05000000                  #       IFLA_NET_NS_FD
        """)
  }

  @Test func `A group of links is deleted by one message`() {
    expect(
      LinkMessage.deleteGroup(0x4000_0007), sequence: 2,
      is: """
        28000000 1100 0000 02000000 00000000      # RTM_DELLINK
        00 00 0000 00000000 00000000 00000000
        0800 1b00 07000040                        # IFLA_GROUP
        """)
  }

  @Test func `A link is brought up by index and by name`() {
    expect(
      LinkMessage.setUp(index: 7), sequence: 1,
      is: "20000000 1000 0000 01000000 00000000  00 00 0000 07000000 01000000 01000000")
    expect(
      LinkMessage.setUp(name: "lo"), sequence: 1,
      is: """
        28000000 1000 0000 01000000 00000000  00 00 0000 00000000 01000000 01000000
        0700 0300 6c6f00 00                       # IFLA_IFNAME "lo"
        """)
  }

  @Test func `A port of a bridge is set by the bridge's own attributes`() {
    expect(
      LinkMessage.setHairpin(name: "cvab"), sequence: 1,
      is: """
        48000000 1000 0000 01000000 00000000      # RTM_NEWLINK of a link that exists
        00 00 0000 00000000 00000000 00000000
        0900 0300 63766162 00 000000              # IFLA_IFNAME "cvab"
        1c00 1200                                 # IFLA_LINKINFO
          0b00 0400 627269646765 00 00            #   IFLA_INFO_SLAVE_KIND "bridge"
          0c00 0500                               #   IFLA_INFO_SLAVE_DATA
            0500 0400 01 000000                   #     IFLA_BRPORT_MODE: hairpin
        """)
  }

  @Test func `An address comes with its broadcast address`() {
    expect(
      AddressMessage.add(0x0a50_0001, prefix: 20, index: 3), sequence: 1,
      is: """
        30000000 1400 0005 01000000 00000000      # RTM_NEWADDR, CREATE|REPLACE
        02 14 00 00 03000000                      # AF_INET, /20, flags, scope, index
        0800 0200 0a500001                        # IFA_LOCAL
        0800 0100 0a500001                        # IFA_ADDRESS
        0800 0400 0a500fff                        # IFA_BROADCAST
        """)
  }

  @Test func `A default route names its gateway only`() {
    expect(
      RouteMessage.addDefault(gateway: 0x0a50_0001), sequence: 1,
      is: """
        24000000 1800 0006 01000000 00000000      # RTM_NEWROUTE, CREATE|EXCL
        02 00 00 00 fe 03 00 01 00000000          # AF_INET, main table, boot, universe, unicast
        0800 0500 0a500001                        # RTA_GATEWAY
        """)
  }

  @Test func `A listed link is read`() throws {
    let reply = try #require(
      NetlinkReply.parse(
        bytes(
          """
          3c000000 1000 0200 01000000 39300000      # RTM_NEWLINK, MULTI
          00 00 0100 04000000 43100100 00000000     # ARPHRD_ETHER, index 4, IFF_UP among the flags
          0900 0300 63766162 00 000000              # IFLA_IFNAME "cvab"
          0800 0a00 03000000                        # IFLA_MASTER
          0800 1b00 07000040                        # IFLA_GROUP
          """)
      ).first)
    let link = try #require(Link(reply))
    #expect(link.index == 4 && link.name == "cvab" && link.isUp && link.master == 3)
    #expect(link.group == 0x4000_0007)
  }

  @Test func `The kernel's own words about an error are read`() throws {
    let reply = try #require(
      NetlinkReply.parse(
        bytes(
          """
          30000000 0200 0003 02000000 39300000      # NLMSG_ERROR, CAPPED|ACK_TLVS
          efffffff                                  # -EEXIST
          28000000 1000 0506 02000000 00000000      # the header that was sent
          0c00 0100 6e6f2077 6179 2100              # NLMSGERR_ATTR_MSG "no way!"
          """)
      ).first)
    #expect(reply.code == 17)
    #expect(reply.explanation == "no way!")
  }

  @Test func `Answers cut short anywhere are read without harm`() {
    let whole = LinkMessage.createPair(
      host: "cvab", master: 3, group: 7, peer: "eth0", peerHardwareAddress: [2, 0, 0, 0, 0, 1], namespace: 5
    ).encoded(sequence: 1)
    var random = Seeded(state: 17)
    for length in 0..<whole.count {
      var bytes = Array(whole.prefix(length))
      for _ in 0..<4 {
        for reply in NetlinkReply.parse(bytes) {
          _ = Link(reply)
          _ = UsedRange(address: reply)
          _ = UsedRange(route: reply)
          _ = TrackedFlow(reply)
          _ = reply.code
          _ = reply.explanation
        }
        if !bytes.isEmpty {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
      }
    }
    #expect(NetlinkReply.parse(Array(whole.dropLast())).isEmpty)
    #expect(NetlinkReply.parse(whole + whole).count == 2)
  }

  @Test func `A tracked flow is read and forgotten by its own tuple`() throws {
    let tuple = bytes(
      """
      1400 0180  0800 0100 c0000202  0800 0200 c0000201            # CTA_TUPLE_IP: source, destination
      1c00 0280  0500 0100 11 000000  0600 0200 9c40 0000  0600 0300 14e9 0000 # UDP, 40000 to 5353
      """)
    let back = bytes(
      """
      1400 0180  0800 0100 0a500002  0800 0200 c0000202
      1c00 0280  0500 0100 11 000000  0600 0200 0035 0000  0600 0300 9c40 0000
      """)
    var attributes = NetlinkAttributes()
    attributes.put(1 | 0x8000, bytes: tuple)
    attributes.put(2 | 0x8000, bytes: back)
    attributes.put(12, bytes: [1, 2, 3, 4])
    let message = NetlinkMessage(type: 0x100, flags: 0, body: [2, 0, 0, 0] + attributes.bytes, purpose: "")
    let reply = try #require(NetlinkReply.parse(message.encoded(sequence: 1)).first)
    let flow = try #require(TrackedFlow(reply))
    #expect(flow.transport == 17)
    #expect(flow.originalDestination == TrackedFlow.End(address: [192, 0, 2, 1], port: 5353))
    #expect(flow.replySource == TrackedFlow.End(address: [10, 80, 0, 2], port: 53))
    let forget = Conntrack.forget(flow)
    #expect(forget.type == 0x102)
    #expect(forget.body.starts(with: [2, 0, 0, 0, 0x34, 0, 1, 0x80] + tuple))
  }

  @Test func `A tracked flow of IPv6 is read and forgotten as one of IPv6`() throws {
    let ends = [[0xfd] + Array(repeating: UInt8(0), count: 14) + [1], Array(repeating: UInt8(7), count: 16)]
    func tuple(_ source: [UInt8], _ destination: [UInt8], _ port: UInt8) -> [UInt8] {
      var attributes = NetlinkAttributes()
      attributes.nest(1) {
        $0.put(3, bytes: source)
        $0.put(4, bytes: destination)
      }
      attributes.nest(2) {
        $0.put(1, UInt8(17))
        $0.put(2, bytes: [0, port])
        $0.put(3, bytes: [0, 9])
      }
      return attributes.bytes
    }
    var attributes = NetlinkAttributes()
    attributes.put(1 | 0x8000, bytes: tuple(ends[0], ends[1], 5))
    attributes.put(2 | 0x8000, bytes: tuple(ends[1], ends[0], 6))
    let message = NetlinkMessage(type: 0x100, flags: 0, body: [10, 0, 0, 0] + attributes.bytes, purpose: "")
    let reply = try #require(NetlinkReply.parse(message.encoded(sequence: 1)).first)
    let flow = try #require(TrackedFlow(reply))
    #expect(flow.originalDestination == TrackedFlow.End(address: ends[1], port: 9))
    #expect(flow.replySource == TrackedFlow.End(address: ends[1], port: 6))
    #expect(Conntrack.forget(flow).body.first == 10)
  }

  private func expect(
    _ message: NetlinkMessage, sequence: UInt32, is annotated: String,
    at location: SourceLocation = #_sourceLocation
  ) {
    let actual = message.encoded(sequence: sequence)
    let wanted = bytes(annotated)
    #expect(hex(actual) == hex(wanted), sourceLocation: location)
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Hexadecimal digits; spaces count for nothing, and '#' begins a comment.
  private func bytes(_ annotated: String) -> [UInt8] {
    let digits = annotated.split(separator: "\n").flatMap { line in
      line.prefix { $0 != "#" }.filter(\.isHexDigit)
    }
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...($0 + 1)]), radix: 16)
    }
  }
}

/// SplitMix64.
private struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
