import Stacks
import Testing

@testable import Networks

@Suite struct RulesetTests {
  private let networks = [
    network("cn-b", "10.80.16.0/20", isInternal: true, port: nil),
    network("cn-a", "10.80.0.0/20", isInternal: false, port: 40053),
  ]

  @Test func `The whole table for two networks and four ports`() {
    let ports = [
      port(8080, "0.0.0.0", .tcp, ["10.80.0.3", "10.80.0.2"]), port(8081, "127.0.0.1", .tcp, ["10.80.0.2"]),
      port(53, "0.0.0.0", .udp, ["10.80.0.2"]), port(8082, "192.0.2.1", .udp, ["10.80.0.2", "10.80.0.3"]),
      // Nothing of these two can be reached.
      port(9000, "0.0.0.0", .tcp, []), port(9001, "0.0.0.0", .tcp, ["10.80.16.2"]),
    ]
    let ruleset = Ruleset(FirewallState(networks: networks, ports: ports, forbidsOtherForwarding: true))
    #expect(ruleset.text.replacing(ruleset.generation, with: "MARK") == golden)
  }

  @Test func `Equal states in any order have equal texts, and different ones differ`() {
    let ports = [port(80, "0.0.0.0", .tcp, ["10.80.0.2"]), port(81, "0.0.0.0", .tcp, ["10.80.0.2"])]
    let one = Ruleset(FirewallState(networks: networks, ports: ports))
    #expect(one == Ruleset(FirewallState(networks: networks.reversed(), ports: ports.reversed())))
    #expect(one.generation != Ruleset(FirewallState(networks: networks, ports: [ports[0]])).generation)
    #expect(one.generation != Ruleset(FirewallState(networks: [networks[0]], ports: ports)).generation)
  }

  @Test func `Networks with IPv6 have a second table, and one mark for both`() throws {
    var networks = networks
    let other = Self.network("cn-c", "10.80.32.0/20", isInternal: false, port: nil)
    networks[0].subnet6 = IPv6Subnet("fd00:b::/64")
    networks[1].subnet6 = IPv6Subnet("fd00:a::/64")
    func port(_ number: UInt16, _ host: String?, _ backends: [String]) -> PublishedPort {
      PublishedPort(
        stack: "s", service: "x",
        mapping: PortMapping(
          hostAddress6: host.flatMap { IPv6Address($0) }, hostPort: number, containerPort: 80),
        backends: backends.map {
          Backend(container: .random(), network: "n", address: .any, address6: IPv6Address($0), port: 80)
        })
    }
    let four = PublishedPort(
      stack: "s", service: "x",
      mapping: PortMapping(hostAddress: .loopback, hostPort: 90, containerPort: 80),
      backends: port(90, nil, ["fd00:a::2"]).backends)
    let ports = [
      port(80, nil, ["fd00:a::3", "fd00:a::2"]), port(81, "::", ["fd00:a::2"]),
      port(82, "2001:db8::2", ["fd00:a::2"]),
      port(83, "2001:db8::1", ["fd00:a::2", "fd00:a::3"]),
      // Nothing of these can be reached on IPv6.
      port(84, "::", ["fd00:b::2"]), four,
    ]
    let state = FirewallState(networks: networks + [other], ports: ports, forbidsOtherForwarding6: true)
    let ruleset = Ruleset(state)
    let start = try #require(ruleset.text.firstRange(of: "add table ip6 cairn"))
    #expect(
      ruleset.text[start.lowerBound...].replacing(ruleset.generation, with: "MARK")
        .replacing(hex(fnv1a("2001:db8::1"), digits: 16), with: "HASH") == golden6)
    #expect(ruleset.text.ranges(of: ruleset.generation).count == 2)
    networks[0].subnet6 = nil
    #expect(Ruleset(FirewallState(networks: networks + [other])).generation != ruleset.generation)
  }

  private static func network(_ bridge: String, _ subnet: String, isInternal: Bool, port: UInt16?)
    -> FirewallState.Network
  {
    let subnet = IPv4Subnet(subnet) ?? IPv4Subnet(containing: .any, prefix: 32)
    return FirewallState.Network(
      bridge: bridge, subnet: subnet, gateway: subnet.address(at: 1) ?? .any, isInternal: isInternal,
      nameServerPort: port)
  }

  private func port(
    _ number: UInt16, _ address: String, _ transport: PortMapping.Transport, _ backends: [String]
  ) -> PublishedPort {
    PublishedPort(
      stack: "s", service: "x",
      mapping: PortMapping(
        transport: transport, hostAddress: IPv4Address(address) ?? .any, hostPort: number, containerPort: 80),
      backends: backends.compactMap { IPv4Address($0) }.map {
        Backend(container: .random(), network: "n", address: $0, port: 80)
      })
  }
}

private let golden6 = """
  add table ip6 cairn
  delete table ip6 cairn
  table ip6 cairn {
    chain generation {
      accept comment "MARK"
    }
    set bridges {
      type ifname
      elements = { "cn-a", "cn-b" }
    }
    set internal {
      type ifname
      elements = { "cn-b" }
    }
    set within {
      type ifname . ifname
      elements = { "cn-a" . "cn-a", "cn-b" . "cn-b" }
    }
    set neighbours {
      type ipv6_addr . ipv6_addr
      flags interval
      elements = { fd00:a::/64 . fd00:a::/64 }
    }
    set translated {
      type ipv6_addr
      flags interval
      elements = { fd00:a::/64 }
    }
    map at {
      type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service
      elements = { 2001:db8::2 . tcp . 82 : fd00:a::2 . 80 }
    }
    map at_spread {
      type ipv6_addr . inet_proto . inet_service : verdict
      elements = { 2001:db8::1 . tcp . 83 : goto spread_tcp_83_HASH }
    }
    map anywhere {
      type inet_proto . inet_service : ipv6_addr . inet_service
      elements = { tcp . 81 : fd00:a::2 . 80 }
    }
    map anywhere_spread {
      type inet_proto . inet_service : verdict
      elements = { tcp . 80 : goto spread_tcp_80 }
    }
    chain spread_tcp_80 {
      meta l4proto tcp dnat ip6 to numgen inc mod 2 map { 0 : fd00:a::2 . 80, 1 : fd00:a::3 . 80 }
    }
    chain spread_tcp_83_HASH {
      meta l4proto tcp dnat ip6 to numgen inc mod 2 map { 0 : fd00:a::2 . 80, 1 : fd00:a::3 . 80 }
    }
    chain publish {
      dnat ip6 to ip6 daddr . meta l4proto . th dport map @at
      ip6 daddr . meta l4proto . th dport vmap @at_spread
      dnat ip6 to meta l4proto . th dport map @anywhere
      meta l4proto . th dport vmap @anywhere_spread
    }
    chain prerouting {
      type nat hook prerouting priority dstnat; policy accept;
      meta l4proto { tcp, udp } fib daddr type local jump publish
    }
    chain output {
      type nat hook output priority -100; policy accept;
      ip6 daddr != ::1 meta l4proto { tcp, udp } fib daddr type local jump publish
    }
    chain input {
      type filter hook input priority filter; policy accept;
      iifname @internal ct state established,related accept
      iifname @internal icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
      iifname @internal drop
    }
    chain forward {
      type filter hook forward priority filter; policy accept;
      ct state established,related accept
      iifname . oifname @within accept
      iifname @internal drop
      oifname @internal drop
      ct status dnat oifname @bridges accept
      oifname @bridges drop
      iifname != @bridges drop
    }
    chain postrouting {
      type nat hook postrouting priority srcnat; policy accept;
      ct status dnat ip6 saddr . ip6 daddr @neighbours masquerade
      ip6 saddr @translated oifname != @bridges masquerade
    }
  }

  """

private let golden = """
  add table ip cairn
  delete table ip cairn
  table ip cairn {
    chain generation {
      accept comment "MARK"
    }
    set bridges {
      type ifname
      elements = { "cn-a", "cn-b" }
    }
    set internal {
      type ifname
      elements = { "cn-b" }
    }
    set within {
      type ifname . ifname
      elements = { "cn-a" . "cn-a", "cn-b" . "cn-b" }
    }
    set neighbours {
      type ipv4_addr . ipv4_addr
      flags interval
      elements = { 10.80.0.0/20 . 10.80.0.0/20 }
    }
    set translated {
      type ipv4_addr
      flags interval
      elements = { 10.80.0.0/20 }
    }
    set answering {
      type ipv4_addr . inet_proto . inet_service
      elements = { 10.80.0.1 . tcp . 40053, 10.80.0.1 . udp . 40053 }
    }
    map name_servers {
      type ipv4_addr : ipv4_addr . inet_service
      elements = { 10.80.0.1 : 10.80.0.1 . 40053 }
    }
    map at {
      type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
      elements = { 127.0.0.1 . tcp . 8081 : 10.80.0.2 . 80 }
    }
    map at_spread {
      type ipv4_addr . inet_proto . inet_service : verdict
      elements = { 192.0.2.1 . udp . 8082 : goto spread_udp_8082_c0000201 }
    }
    map anywhere {
      type inet_proto . inet_service : ipv4_addr . inet_service
      elements = { udp . 53 : 10.80.0.2 . 80 }
    }
    map anywhere_spread {
      type inet_proto . inet_service : verdict
      elements = { tcp . 8080 : goto spread_tcp_8080 }
    }
    chain spread_tcp_8080 {
      meta l4proto tcp dnat ip to numgen inc mod 2 map { 0 : 10.80.0.2 . 80, 1 : 10.80.0.3 . 80 }
    }
    chain spread_udp_8082_c0000201 {
      meta l4proto udp dnat ip to numgen inc mod 2 map { 0 : 10.80.0.2 . 80, 1 : 10.80.0.3 . 80 }
    }
    chain publish {
      dnat ip to ip daddr . meta l4proto . th dport map @at
      ip daddr . meta l4proto . th dport vmap @at_spread
      dnat ip to meta l4proto . th dport map @anywhere
      meta l4proto . th dport vmap @anywhere_spread
    }
    chain martians {
      type filter hook prerouting priority raw; policy accept;
      iifname != "lo" ip daddr 127.0.0.0/8 drop
      iifname != "lo" ip saddr 127.0.0.0/8 drop
    }
    chain prerouting {
      type nat hook prerouting priority dstnat; policy accept;
      iifname @bridges meta l4proto { tcp, udp } th dport 53 dnat ip to ip daddr map @name_servers
      meta l4proto { tcp, udp } fib daddr type local jump publish
    }
    chain output {
      type nat hook output priority -100; policy accept;
      meta l4proto { tcp, udp } fib daddr type local jump publish
    }
    chain input {
      type filter hook input priority filter; policy accept;
      iifname @internal ct state established,related accept
      iifname @internal ip daddr . meta l4proto . th dport @answering accept
      iifname @internal drop
    }
    chain forward {
      type filter hook forward priority filter; policy accept;
      ct state established,related accept
      iifname . oifname @within accept
      iifname @internal drop
      oifname @internal drop
      ct status dnat oifname @bridges accept
      oifname @bridges drop
      iifname != @bridges drop
    }
    chain postrouting {
      type nat hook postrouting priority srcnat; policy accept;
      ip saddr 127.0.0.0/8 oifname @bridges masquerade
      ct status dnat ip saddr . ip daddr @neighbours masquerade
      ip saddr @translated oifname != @bridges masquerade
    }
  }

  """
