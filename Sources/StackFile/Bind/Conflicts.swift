internal import Stacks

/// What Docker Compose accepts and this runtime cannot carry out: two things that only one can have,
/// and settings that would be lost.
enum Conflicts {
  static func check(_ root: Node, _ declared: Declarations, _ findings: inout Findings) {
    let services = (root["services"]?.pairs ?? []).sorted { $0.keyAt < $1.keyAt }
    for pair in services {
      fixedAddresses(of: pair, declared, &findings)
      ipv6Ports(of: pair, root, &findings)
      for volume in pair.value["volumes"]?.items ?? [] { mount(volume, &findings) }
    }
    hostPorts(services, &findings)
    addresses(services, &findings)
    for network in root["networks"]?.pairs ?? [] where network.value["external"]?.bool == true {
      for pair in network.value.pairs
      where !["external", "name", "labels"].contains(pair.key) && !pair.key.hasPrefix("x-") {
        findings.error(
          pair.keyAt, "'\(pair.key)' cannot be set on what is external: it exists already",
          fix: "remove '\(pair.key)' or 'external'")
      }
    }
  }

  private static func fixedAddresses(
    of pair: Node.Pair, _ declared: Declarations, _ findings: inout Findings
  ) {
    let count = (pair.value["scale"] ?? pair.value["deploy"]?["replicas"])?.int ?? 1
    for network in pair.value["networks"]?.pairs ?? [] where declared.networks.contains(network.key) {
      for (key, known) in [("ipv4_address", declared.addressable), ("ipv6_address", declared.addressable6)] {
        guard let address = network.value[key] else { continue }
        if !known.contains(network.key) {
          let kind = key == "ipv4_address" ? "a subnet" : "an IPv6 subnet"
          findings.error(
            address.at,
            "an address can be chosen only in a network with \(kind), and \(quoted(network.key)) has none",
            fix: "give the network 'ipam: {config: [{subnet: ADDRESS/BITS}]}'")
        }
        if count > 1 {
          findings.error(
            address.at, "\(count) replicas cannot all have the address \(address.string ?? "")",
            fix: "remove '\(key)', or keep one replica")
        }
      }
    }
  }

  /// What is said of another kind of mount.
  private static func mount(_ volume: Node, _ findings: inout Findings) {
    guard let type = volume["type"]?.string else { return }
    for key in ["bind", "tmpfs", "volume", "image"] where type != key {
      guard let pair = volume.pair(key), pair.keyAt != volume.at else {
        continue
      }
      findings.error(
        pair.keyAt, "'\(key)' does not go with 'type: \(type)'", fix: "remove it, or write 'type: \(key)'")
    }
    if type == "tmpfs", let source = volume.pair("source") {
      findings.error(source.keyAt, "a tmpfs has no source", fix: "remove 'source'")
    }
  }

  private static func addresses(_ services: [Node.Pair], _ findings: inout Findings) {
    var owners: [[String]: String] = [:]
    for pair in services {
      for network in pair.value["networks"]?.pairs ?? [] {
        for key in ["ipv4_address", "ipv6_address"] {
          guard let node = network.value[key], let text = node.string else { continue }
          // One IPv6 address has many spellings.
          let address = IPv6Address(text)?.description ?? text
          if let owner = owners[[network.key, address]] {
            findings.error(
              node.at,
              "the services \(quoted(owner)) and \(quoted(pair.key)) have the same address in \(quoted(network.key))",
              fix: "choose another address for one")
          }
          owners[[network.key, address]] = pair.key
        }
      }
    }
  }
}
