internal import Stacks

/// Addresses and subnets of both families.
extension Binder {
  mutating func subnet(_ node: Node) -> IPv4Subnet? {
    let text = node.string ?? ""
    if text.contains(":") {
      findings.error(
        node.at, "\(quoted(text)) is IPv6, and the subnet is IPv4", fix: "use such as 10.10.0.0/24")
      return nil
    }
    guard let subnet = IPv4Subnet(text) else {
      findings.error(
        node.at, "\(quoted(text)) is not a subnet", fix: "write ADDRESS/BITS, such as 10.10.0.0/24")
      return nil
    }
    guard subnet.prefix <= 30 else {
      findings.error(
        node.at, "the subnet \(text) has no room for a gateway and a container", fix: "use at most 30 bits")
      return nil
    }
    return subnet
  }

  mutating func subnet6(_ node: Node) -> IPv6Subnet? {
    let text = node.string ?? ""
    guard let subnet = IPv6Subnet(text) else {
      findings.error(
        node.at, "\(quoted(text)) is not an IPv6 subnet", fix: "write ADDRESS/BITS, such as fd00:1::/64")
      return nil
    }
    guard (8...126).contains(subnet.prefix) else {
      findings.error(
        node.at, "the subnet \(text) cannot be that of a network", fix: "use 8 to 126 bits, mostly 64")
      return nil
    }
    return subnet
  }

  /// An IPv4 address; `what` is what it is for.
  mutating func address(_ node: Node, _ what: String, such example: String = "10.10.0.5") -> IPv4Address? {
    let text = node.string ?? ""
    if let address = IPv4Address(text) { return address }
    if IPv6Address(text) != nil {
      findings.error(
        node.at, "\(quoted(text)) is IPv6, which is not supported here", fix: "use an IPv4 address")
    } else {
      findings.error(
        node.at, "\(quoted(text)) is not an address for \(what)", fix: "write such as \(example)")
    }
    return nil
  }

  /// An IPv6 address; `what` is what it is for.
  mutating func address6(_ node: Node, _ what: String) -> IPv6Address? {
    let text = node.string ?? ""
    if let address = IPv6Address(text) { return address }
    findings.error(
      node.at, "\(quoted(text)) is not an IPv6 address for \(what)", fix: "write such as fd00:1::5")
    return nil
  }
}
