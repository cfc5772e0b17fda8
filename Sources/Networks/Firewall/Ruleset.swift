import Stacks

/// The text of our table for a state: a pure function, in the language of nft(8).
///
/// The table `ip cairn` is ours as a whole and replaced in one transaction. It can refuse what
/// others accept, but not accept what another table drops: a host firewall whose own chains drop
/// forwarded packets must let our bridges (`cn-*`) pass.
struct Ruleset: Hashable, Sendable {
  static let table = "cairn"

  let text: String
  /// The mark of this text; it stands in the table so that it can be seen whether the kernel has it.
  let generation: String

  init(_ state: FirewallState) {
    let body = Self.body(state)
    generation = hex(fnv1a(body), digits: 16)
    // Deleting a table that is not there is an error, hence the first line.
    text = """
      add table ip \(Self.table)
      delete table ip \(Self.table)
      table ip \(Self.table) {
      \(Self.chain("generation", ["accept comment \"\(generation)\""]))
      \(body)
      }

      """
  }

  /// What removes the table.
  static let removal = "add table ip \(table)\ndelete table ip \(table)\n"
  /// What shows whether the table is there, cheaply.
  static let inquiry = "list chain ip \(table) generation\n"

  private static func body(_ state: FirewallState) -> String {
    let networks = state.networks.sorted { $0.bridge < $1.bridge }
    let ports = PortTable(state.ports, networks: networks)
    let open = networks.filter { !$0.isInternal }
    let served = networks.compactMap { n in n.nameServerPort.map { (gateway: n.gateway, port: $0) } }
    var parts = [
      set("bridges", "ifname", networks.map { "\"\($0.bridge)\"" }),
      set("internal", "ifname", networks.filter(\.isInternal).map { "\"\($0.bridge)\"" }),
      set("within", "ifname . ifname", networks.map { "\"\($0.bridge)\" . \"\($0.bridge)\"" }),
      set(
        "neighbours", "ipv4_addr . ipv4_addr", open.map { "\($0.subnet) . \($0.subnet)" }, flags: "interval"),
      set("translated", "ipv4_addr", open.map { "\($0.subnet)" }, flags: "interval"),
      set(
        "answering", "ipv4_addr . inet_proto . inet_service",
        served.flatMap { s in ["tcp", "udp"].map { "\(s.gateway) . \($0) . \(s.port)" } }),
      map(
        "name_servers", "ipv4_addr : ipv4_addr . inet_service",
        served.map { "\($0.gateway) : \($0.gateway) . \($0.port)" }),
      map(
        "at", "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service", ports.single(exact: true)),
      map("at_spread", "ipv4_addr . inet_proto . inet_service : verdict", ports.spread(exact: true)),
      map("anywhere", "inet_proto . inet_service : ipv4_addr . inet_service", ports.single(exact: false)),
      map("anywhere_spread", "inet_proto . inet_service : verdict", ports.spread(exact: false)),
    ]
    // An address of the host beats "every address".
    parts += ports.chains
    parts.append(
      chain(
        "publish",
        [
          "dnat ip to ip daddr . meta l4proto . th dport map @at",
          "ip daddr . meta l4proto . th dport vmap @at_spread",
          "dnat ip to meta l4proto . th dport map @anywhere",
          "meta l4proto . th dport vmap @anywhere_spread",
        ]))
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
        ] + (state.forbidsOtherForwarding ? ["iifname != @bridges drop"] : [])),
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

  static func chain(_ name: String, _ rules: [String]) -> String {
    "  chain \(name) {\n" + rules.map { "    \($0)\n" }.joined() + "  }"
  }

  private static func set(_ name: String, _ type: String, _ elements: [String], flags: String? = nil)
    -> String
  {
    collection("set", name, type, elements, flags)
  }

  private static func map(_ name: String, _ type: String, _ elements: [String]) -> String {
    collection("map", name, type, elements, nil)
  }

  private static func collection(
    _ kind: String, _ name: String, _ type: String, _ elements: [String], _ flags: String?
  ) -> String {
    "  \(kind) \(name) {\n    type \(type)\n" + (flags.map { "    flags \($0)\n" } ?? "")
      + (elements.isEmpty ? "" : "    elements = { \(elements.sorted().joined(separator: ", ")) }\n") + "  }"
  }
}

/// The published ports sorted into those with one backend, which share a map, and those with
/// several, which have a chain each.
private struct PortTable {
  private var ports: [PublishedPort]

  /// Only what can be reached counts: backends on networks of ours that are not internal.
  init(_ ports: [PublishedPort], networks: [FirewallState.Network]) {
    let open = networks.filter { !$0.isInternal }.map(\.subnet)
    self.ports =
      ports.map { port in
        var port = port
        port.backends = port.backends.filter { b in open.contains { $0.contains(b.address) } }
          .sorted { ($0.address, $0.port) < ($1.address, $1.port) }
        return port
      }
      .filter { !$0.backends.isEmpty }
      .sorted { $0.mapping < $1.mapping }
  }

  func single(exact: Bool) -> [String] {
    ports.filter { $0.backends.count == 1 && ($0.mapping.hostAddress != .any) == exact }.map {
      "\(place($0)) : \($0.backends[0].address) . \($0.backends[0].port)"
    }
  }

  func spread(exact: Bool) -> [String] {
    ports.filter { $0.backends.count > 1 && ($0.mapping.hostAddress != .any) == exact }.map {
      "\(place($0)) : goto \(chainName($0))"
    }
  }

  var chains: [String] {
    ports.filter { $0.backends.count > 1 }.map { port in
      let targets = port.backends.enumerated().map { "\($0) : \($1.address) . \($1.port)" }
      return Ruleset.chain(
        chainName(port),
        [
          "meta l4proto \(port.mapping.transport.rawValue) dnat ip to numgen inc mod \(targets.count) "
            + "map { \(targets.joined(separator: ", ")) }"
        ])
    }
  }

  private func place(_ port: PublishedPort) -> String {
    (port.mapping.hostAddress == .any ? "" : "\(port.mapping.hostAddress) . ")
      + "\(port.mapping.transport.rawValue) . \(port.mapping.hostPort)"
  }

  private func chainName(_ port: PublishedPort) -> String {
    "spread_\(port.mapping.transport.rawValue)_\(port.mapping.hostPort)"
      + (port.mapping.hostAddress == .any
        ? "" : "_" + hex(UInt64(port.mapping.hostAddress.number), digits: 8))
  }
}
