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
    let entries = node["ipam"]?["config"]?.items ?? []
    if entries.count > 1 {
      findings.error(entries[1].at, "a network can have only one subnet", fix: "keep one entry of 'config'")
    }
    if let entry = entries.first { addresses(entry, into: &definition) }
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
        findings.error(
          written.at, "the range \(range) is not in the subnet \(subnet)", fix: "choose a part of the subnet")
      }
    }
    for pair in entry["aux_addresses"]?.pairs ?? [] {
      definition.reserved[pair.key] = inside(pair.value, "a host", definition.subnet)
    }
  }

  /// An address of the subnet.
  private mutating func inside(_ node: Node, _ what: String, _ subnet: IPv4Subnet?) -> IPv4Address? {
    guard let found = address(node, what) else { return nil }
    if let subnet, !subnet.contains(found) {
      findings.error(
        node.at, "the \(what == "a gateway" ? "gateway" : "address") \(found) is not in the subnet \(subnet)",
        fix: "choose an address of the subnet")
    }
    return found
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
