import Stacks

/// The published ports of one family, sorted into those with one backend, which share a map, and those with
/// several, which have a chain each.
struct PortTable {
  private struct Entry {
    var transport: String
    var port: UInt16
    /// On the host; nil: every one.
    var address: String?
    var chain: String
    /// `ADDRESS . PORT`.
    var targets: [String]
    /// `TCP . 80`, after the address where there is one.
    var place: String { (address.map { "\($0) . " } ?? "") + "\(transport) . \(port)" }
  }

  /// `ip` or `ip6`.
  private let family: String
  /// The type of an address in a set.
  private let type: String
  private var entries: [Entry] = []

  /// Only what can be reached counts: backends on networks of ours that are not internal.
  init(ipv4 ports: [PublishedPort], _ networks: [FirewallState.Network]) {
    (family, type) = ("ip", "ipv4_addr")
    let open = networks.filter { !$0.isInternal }.map(\.subnet)
    for port in ports.sorted(by: { $0.mapping < $1.mapping }) where port.mapping.hostAddress6 == nil {
      let backends = port.backends.filter { b in open.contains { $0.contains(b.address) } }
        .sorted { ($0.address, $0.port) < ($1.address, $1.port) }
      let host = port.mapping.hostAddress == .any ? nil : port.mapping.hostAddress
      add(
        port, at: host.map { "\($0)" }, digits: host.map { hex(UInt64($0.number), digits: 8) },
        to: backends.map { "\($0.address) . \($0.port)" })
    }
  }

  /// A port for which the file names no address of the host is published on IPv6 too.
  init(ipv6 ports: [PublishedPort], _ networks: [FirewallState.Network]) {
    (family, type) = ("ip6", "ipv6_addr")
    let open = networks.filter { !$0.isInternal }.compactMap(\.subnet6)
    for port in ports.sorted(by: { $0.mapping < $1.mapping }) where port.mapping.isOnIPv6 {
      let backends = port.backends.compactMap { b in b.address6.map { (address: $0, port: b.port) } }
        .filter { b in open.contains { $0.contains(b.address) } }
        .sorted { ($0.address, $0.port) < ($1.address, $1.port) }
      let host = port.mapping.hostAddress6 == .any ? nil : port.mapping.hostAddress6
      add(
        port, at: host.map { "\($0)" }, digits: host.map { hex(fnv1a($0.description), digits: 16) },
        to: backends.map { "\($0.address) . \($0.port)" })
    }
  }

  private mutating func add(
    _ port: PublishedPort, at address: String?, digits: String?, to targets: [String]
  ) {
    if targets.isEmpty { return }
    let (transport, number) = (port.mapping.transport.rawValue, port.mapping.hostPort)
    let chain = "spread_\(transport)_\(number)" + (digits.map { "_" + $0 } ?? "")
    entries.append(
      Entry(transport: transport, port: number, address: address, chain: chain, targets: targets))
  }

  /// The maps, a chain for each port that is spread, and `publish`, which leads to them. An address of the
  /// host beats "every address".
  var text: [String] {
    let (key, value) = ("inet_proto . inet_service", "\(type) . inet_service")
    return [
      Ruleset.map("at", "\(type) . \(key) : \(value)", single(exact: true)),
      Ruleset.map("at_spread", "\(type) . \(key) : verdict", spread(exact: true)),
      Ruleset.map("anywhere", "\(key) : \(value)", single(exact: false)),
      Ruleset.map("anywhere_spread", "\(key) : verdict", spread(exact: false)),
    ] + chains + [
      Ruleset.chain(
        "publish",
        [
          "dnat \(family) to \(family) daddr . meta l4proto . th dport map @at",
          "\(family) daddr . meta l4proto . th dport vmap @at_spread",
          "dnat \(family) to meta l4proto . th dport map @anywhere",
          "meta l4proto . th dport vmap @anywhere_spread",
        ])
    ]
  }

  private func single(exact: Bool) -> [String] {
    entries.filter { $0.targets.count == 1 && ($0.address != nil) == exact }
      .map { "\($0.place) : \($0.targets[0])" }
  }

  private func spread(exact: Bool) -> [String] {
    entries.filter { $0.targets.count > 1 && ($0.address != nil) == exact }
      .map { "\($0.place) : goto \($0.chain)" }
  }

  private var chains: [String] {
    entries.filter { $0.targets.count > 1 }.map { entry in
      let targets = entry.targets.enumerated().map { "\($0) : \($1)" }
      return Ruleset.chain(
        entry.chain,
        [
          "meta l4proto \(entry.transport) dnat \(family) to numgen inc mod \(targets.count) "
            + "map { \(targets.joined(separator: ", ")) }"
        ])
    }
  }
}
