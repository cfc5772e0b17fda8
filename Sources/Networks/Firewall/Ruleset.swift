import Stacks

/// The text of our table for a state: a pure function, in the language of nft(8).
///
/// The table `ip cairn`, and `ip6 cairn` where a network has IPv6, are ours as a whole and replaced in one
/// transaction. They can refuse what others accept, but not accept what another table drops: a host
/// firewall whose own chains drop forwarded packets must let our bridges (`cn-*`) pass.
struct Ruleset: Hashable, Sendable {
  static let table = "cairn"
  /// The table that holds the same rules while `table` is replaced.
  static let nextTable = "cairn-next"

  private let body: String
  /// nil: no network has IPv6.
  private let body6: String?
  /// The mark of this text; it stands in the table so that it can be seen whether the kernel has it.
  let generation: String

  init(_ state: FirewallState) {
    body = Self.body(state)
    body6 = state.hasIPv6 ? Self.body6(state) : nil
    generation = hex(fnv1a(body + (body6 ?? "")), digits: 16)
  }

  /// What makes our table be this one, in one transaction.
  var text: String { tables(named: Self.table) }
  /// What makes the same rules be there under the other name.
  ///
  /// A transaction is atomic for what asks for the rules, not for a packet on its way: it may pass the new
  /// chains a moment before the change, when their rules do not count yet, and the old ones a moment after,
  /// when theirs count no more (nft_do_chain of Linux reads the generation anew for each chain). A new
  /// connection then finds no rule at all, and a published port refuses it: measured once in 37 changes
  /// under 12,000 connections a second. So the new rules are added first, the table replaced then, and the
  /// added ones removed last: at any time one of the two does not change.
  var nextText: String { tables(named: Self.nextTable) }

  /// What removes those rules again.
  var nextRemoval: String {
    Self.deletion(of: Self.nextTable, "ip") + (body6 == nil ? "" : Self.deletion(of: Self.nextTable, "ip6"))
  }

  private func tables(named name: String) -> String {
    func table(_ family: String, _ body: String) -> String {
      Self.deletion(of: name, family) + """
        table \(family) \(name) {
        \(Self.chain("generation", ["accept comment \"\(generation)\""]))
        \(body)
        }

        """
    }
    return table("ip", body) + (body6.map { table("ip6", $0) } ?? "")
  }

  /// Deleting a table that is not there is an error, hence the first line.
  private static func deletion(of table: String, _ family: String) -> String {
    "add table \(family) \(table)\ndelete table \(family) \(table)\n"
  }

  /// What removes the tables of IPv4.
  static let removal = deletion(of: nextTable, "ip") + deletion(of: table, "ip")
  /// What removes the tables of IPv6.
  static let removal6 = deletion(of: nextTable, "ip6") + deletion(of: table, "ip6")
  /// What shows whether the table of IPv4 is there, cheaply.
  static let inquiry = "list chain ip \(table) generation\n"
  /// What shows whether the table of IPv6 is there.
  static let inquiry6 = "list chain ip6 \(table) generation\n"
  /// What shows all of the table of IPv4, always in the same order.
  static let listing = "list table ip \(table)\n"
  /// What shows all of the table of IPv6.
  static let listing6 = "list table ip6 \(table)\n"

  private static func body(_ state: FirewallState) -> String {
    let networks = state.networks.sorted { $0.bridge < $1.bridge }
    let ports = PortTable(ipv4: state.ports, networks)
    let open = networks.filter { !$0.isInternal }
    let served = networks.compactMap { n in n.nameServerPort.map { (gateway: n.gateway, port: $0) } }
    var parts = sets(of: networks)
    parts += [
      set(
        "neighbours", "ipv4_addr . ipv4_addr", open.map { "\($0.subnet) . \($0.subnet)" }, flags: "interval"),
      set("translated", "ipv4_addr", open.map { "\($0.subnet)" }, flags: "interval"),
      set(
        "answering", "ipv4_addr . inet_proto . inet_service",
        served.flatMap { s in ["tcp", "udp"].map { "\(s.gateway) . \($0) . \(s.port)" } }),
      map(
        "name_servers", "ipv4_addr : ipv4_addr . inet_service",
        served.map { "\($0.gateway) : \($0.gateway) . \($0.port)" }),
    ]
    parts += ports.text
    parts += hooks(state)
    return parts.joined(separator: "\n")
  }

  private static func hooks(_ state: FirewallState) -> [String] {
    [
      // The bridges route 127.0.0.0/8 so that the host reaches published ports through its
      // loopback address. Nothing from outside or from a container may use that.
      chain(
        "martians",
        [
          "type filter hook prerouting priority raw; policy accept;",
          "iifname != \"lo\" ip daddr 127.0.0.0/8 drop",
          "iifname != \"lo\" ip saddr 127.0.0.0/8 drop",
        ]),
      chain(
        "prerouting",
        [
          "type nat hook prerouting priority dstnat; policy accept;",
          "iifname @bridges meta l4proto { tcp, udp } th dport 53 dnat ip to ip daddr map @name_servers",
          "meta l4proto { tcp, udp } fib daddr type local jump publish",
        ]),
      chain(
        "output",
        [
          "type nat hook output priority -100; policy accept;",
          "meta l4proto { tcp, udp } fib daddr type local jump publish",
        ]),
      // From an internal network the host itself is out of reach too, but for its name server.
      chain(
        "input",
        [
          "type filter hook input priority filter; policy accept;",
          "iifname @internal ct state established,related accept",
          "iifname @internal ip daddr . meta l4proto . th dport @answering accept",
          "iifname @internal drop",
        ]),
      forward(forbidsOthers: state.forbidsOtherForwarding),
      chain(
        "postrouting",
        [
          "type nat hook postrouting priority srcnat; policy accept;",
          "ip saddr 127.0.0.0/8 oifname @bridges masquerade",
          "ct status dnat ip saddr . ip daddr @neighbours masquerade",
          "ip saddr @translated oifname != @bridges masquerade",
        ]),
    ]
  }

  /// The bridges, for rules of both families.
  static func sets(of networks: [FirewallState.Network]) -> [String] {
    let bridges = networks.map { "\"\($0.bridge)\"" }
    return [
      set("bridges", "ifname", bridges),
      set("internal", "ifname", networks.filter(\.isInternal).map { "\"\($0.bridge)\"" }),
      set("within", "ifname . ifname", bridges.map { "\($0) . \($0)" }),
    ]
  }

  /// What goes through this machine, of either family.
  static func forward(forbidsOthers: Bool) -> String {
    chain(
      "forward",
      [
        "type filter hook forward priority filter; policy accept;",
        "ct state established,related accept",
        "iifname . oifname @within accept",
        "iifname @internal drop",
        "oifname @internal drop",
        "ct status dnat oifname @bridges accept",
        "oifname @bridges drop",
      ] + (forbidsOthers ? ["iifname != @bridges drop"] : []))
  }

  static func chain(_ name: String, _ rules: [String]) -> String {
    "  chain \(name) {\n" + rules.map { "    \($0)\n" }.joined() + "  }"
  }

  static func set(_ name: String, _ type: String, _ elements: [String], flags: String? = nil)
    -> String
  {
    collection("set", name, type, elements, flags)
  }

  static func map(_ name: String, _ type: String, _ elements: [String]) -> String {
    collection("map", name, type, elements, nil)
  }

  private static func collection(
    _ kind: String, _ name: String, _ type: String, _ elements: [String], _ flags: String?
  ) -> String {
    "  \(kind) \(name) {\n    type \(type)\n" + (flags.map { "    flags \($0)\n" } ?? "")
      + (elements.isEmpty ? "" : "    elements = { \(elements.sorted().joined(separator: ", ")) }\n") + "  }"
  }
}
