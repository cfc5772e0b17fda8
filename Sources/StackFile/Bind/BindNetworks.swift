internal import Stacks

extension Binder {
  /// A network of the stack.
  mutating func network(_ pair: Node.Pair) -> NetworkDefinition {
    let node = pair.value
    var definition = NetworkDefinition(name: node["name"]?.string ?? pair.key)
    definition.isExternal = node["external"]?.bool ?? false
    definition.isInternal = node["internal"]?.bool ?? false
    definition.labels = texts(node["labels"])
    definition.mtu = mtu(node["driver_opts"])
    if let flag = node["enable_ipv4"], flag.bool == false {
      findings.error(flag.at, "a network without IPv4 is not supported yet", fix: "remove 'enable_ipv4'")
    }
    let hasIPv6 = node["enable_ipv6"]?.bool ?? false
    if hasIPv6 { definition.ipv6 = IPv6Part() }
    let entries = node["ipam"]?["config"]?.items ?? []
    let (six, four) = entries.reduce(into: ([Node](), [Node]())) { parts, entry in
      if entry["subnet"]?.string?.contains(":") == true {
        parts.0.append(entry)
      } else {
        parts.1.append(entry)
      }
    }
    for (family, same) in [("IPv4", four), ("IPv6", six)] where same.count > 1 {
      findings.error(
        same[1].at, "a network can have only one \(family) subnet", fix: "keep one of them in 'config'")
    }
    if let entry = four.first { addresses(entry, into: &definition) }
    if let entry = six.first {
      let part = part6(entry)
      if hasIPv6 {
        definition.ipv6 = part
      } else {
        findings.error(
          entry.at, "an IPv6 subnet is for a network that has IPv6", fix: "add 'enable_ipv6: true'")
      }
    }
    return definition
  }

  private mutating func addresses(_ entry: Node, into definition: inout NetworkDefinition) {
    if let written = entry["subnet"] { definition.subnet = subnet(written) }
    if entry["subnet"] == nil {
      for key in ["gateway", "ip_range", "aux_addresses"] {
        guard let pair = entry.pair(key) else { continue }
        let what = key == "gateway" ? "a gateway" : "'\(key)'"
        findings.error(pair.value.at, "\(what) needs a subnet", fix: "add 'subnet: ADDRESS/BITS'")
      }
      return
    }
    definition.gateway = entry["gateway"].flatMap { inside($0, "a gateway", definition.subnet) }
    if let written = entry["ip_range"], let range = subnet(written) {
      definition.range = range
      if let subnet = definition.subnet, !subnet.contains(range.first) || !subnet.contains(range.last) {
        reportRange(written, "\(range)", "\(subnet)")
      }
    }
    for pair in entry["aux_addresses"]?.pairs ?? [] {
      definition.reserved[pair.key] = inside(pair.value, "a host", definition.subnet)
    }
  }

  /// An entry of `config` with an IPv6 subnet.
  private mutating func part6(_ entry: Node) -> IPv6Part {
    var part = IPv6Part(subnet: entry["subnet"].flatMap { subnet6($0) })
    part.gateway = entry["gateway"].flatMap { inside6($0, "a gateway", part.subnet) }
    if let written = entry["ip_range"], let range = subnet6(written) {
      part.range = range
      if let subnet = part.subnet, !subnet.contains(range.first) || !subnet.contains(range.last) {
        reportRange(written, "\(range)", "\(subnet)")
      }
    }
    for pair in entry["aux_addresses"]?.pairs ?? [] {
      part.reserved[pair.key] = inside6(pair.value, "a host", part.subnet)
    }
    return part
  }

  /// An address of the subnet.
  private mutating func inside(_ node: Node, _ what: String, _ subnet: IPv4Subnet?) -> IPv4Address? {
    guard let found = address(node, what) else { return nil }
    if let subnet, !subnet.contains(found) { reportOutside(node, what, "\(found)", "\(subnet)") }
    return found
  }

  /// An address of the subnet.
  private mutating func inside6(_ node: Node, _ what: String, _ subnet: IPv6Subnet?) -> IPv6Address? {
    guard let found = address6(node, what) else { return nil }
    if let subnet, !subnet.contains(found) { reportOutside(node, what, "\(found)", "\(subnet)") }
    return found
  }

  private mutating func reportRange(_ node: Node, _ range: String, _ subnet: String) {
    findings.error(
      node.at, "the range \(range) is not in the subnet \(subnet)", fix: "choose a part of the subnet")
  }

  private mutating func reportOutside(_ node: Node, _ what: String, _ address: String, _ subnet: String) {
    findings.error(
      node.at, "the \(what == "a gateway" ? "gateway" : "address") \(address) is not in the subnet \(subnet)",
      fix: "choose an address of the subnet")
  }

  /// `driver_opts`: only the size of packets.
  private mutating func mtu(_ options: Node?) -> Int? {
    var mtu: Int?
    for pair in options?.pairs ?? [] {
      guard ["com.docker.network.driver.mtu", "mtu"].contains(pair.key) else {
        findings.error(
          pair.keyAt, "the network option \(quoted(pair.key)) is not supported yet",
          fix: "use 'com.docker.network.driver.mtu'")
        continue
      }
      if let size = pair.value.string.flatMap({ Int($0) }), (68...65535).contains(size) {
        mtu = size
      } else {
        findings.error(pair.value.at, "the size of packets must be from 68 to 65535 bytes")
      }
    }
    return mtu
  }
}
