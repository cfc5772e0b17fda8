import Stacks

extension Ruleset {
  /// The table of IPv6, for those networks that have it. It knows no 127.0.0.0/8 that could be routed, and
  /// names are asked for over IPv4.
  static func body6(_ state: FirewallState) -> String {
    let networks = state.networks.filter { $0.subnet6 != nil }.sorted { $0.bridge < $1.bridge }
    let open = networks.filter { !$0.isInternal }.compactMap(\.subnet6)
    let parts: [String] =
      sets(of: networks) + [
        set("neighbours", "ipv6_addr . ipv6_addr", open.map { "\($0) . \($0)" }, flags: "interval"),
        set("translated", "ipv6_addr", open.map { "\($0)" }, flags: "interval"),
      ] + PortTable(ipv6: state.ports, networks).text + [
        chain(
          "prerouting",
          [
            "type nat hook prerouting priority dstnat; policy accept;",
            "meta l4proto { tcp, udp } fib daddr type local jump publish",
          ]),
        chain(
          "output",
          [
            "type nat hook output priority -100; policy accept;",
            // Nothing with this source leaves the loopback device: better refused at once than lost.
            "ip6 daddr != ::1 meta l4proto { tcp, udp } fib daddr type local jump publish",
          ]),
        // The host is out of reach from an internal network, but neighbours are found.
        chain(
          "input",
          [
            "type filter hook input priority filter; policy accept;",
            "iifname @internal ct state established,related accept",
            "iifname @internal icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept",
            "iifname @internal drop",
          ]),
        forward(forbidsOthers: state.forbidsOtherForwarding6),
        chain(
          "postrouting",
          [
            "type nat hook postrouting priority srcnat; policy accept;",
            "ct status dnat ip6 saddr . ip6 daddr @neighbours masquerade",
            "ip6 saddr @translated oifname != @bridges masquerade",
          ]),
      ]
    return parts.joined(separator: "\n")
  }
}
