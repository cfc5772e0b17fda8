internal import Stacks

/// Canonical document to values: every shape is right already, so only what the values themselves
/// demand can still be wrong, and is reported at its place.
struct Binder {
  var findings: Findings
  /// The service that is being bound, for messages.
  var service = ""
  /// The services that are active.
  var active: Set<String> = []

  static func bind(_ root: Node, _ findings: inout Findings) -> Stack {
    var binder = Binder(findings: findings)
    var stack = Stack(name: root["name"]?.string ?? "")
    binder.active = Set(root["services"]?.pairs.map(\.key) ?? [])
    for pair in root["networks"]?.pairs ?? [] { stack.networks[pair.key] = binder.network(pair) }
    for pair in root["volumes"]?.pairs ?? [] { stack.volumes[pair.key] = binder.volume(pair) }
    for pair in root["services"]?.pairs ?? [] {
      binder.service = pair.key
      if let service = binder.service(pair) { stack.services[pair.key] = service }
    }
    findings = binder.findings
    return stack
  }

  /// `environment` or `labels`.
  func texts(_ node: Node?) -> [String: String] {
    var texts: [String: String] = [:]
    for pair in node?.pairs ?? [] { texts[pair.key] = pair.value.string ?? "" }
    return texts
  }

  func strings(_ node: Node?) -> [String] { node?.items.compactMap(\.string) ?? [] }

  /// A length of time that a form has checked.
  func span(_ node: Node?) -> Span? { node?.string.flatMap(Durations.parse) }

  private mutating func network(_ pair: Node.Pair) -> NetworkDefinition {
    let node = pair.value
    var definition = NetworkDefinition(name: node["name"]?.string ?? pair.key)
    definition.isExternal = node["external"]?.bool ?? false
    definition.isInternal = node["internal"]?.bool ?? false
    definition.labels = texts(node["labels"])
    let entries = node["ipam"]?["config"]?.items ?? []
    if entries.count > 1 {
      findings.error(entries[1].at, "a network can have only one subnet", fix: "keep one entry of 'config'")
    }
    guard let entry = entries.first else { return definition }
    if let written = entry["subnet"] { definition.subnet = subnet(written) }
    if let written = entry["gateway"] {
      definition.gateway = address(written, "a gateway")
      if let gateway = definition.gateway {
        if let subnet = definition.subnet {
          if !subnet.contains(gateway) {
            findings.error(
              written.at, "the gateway \(gateway) is not in the subnet \(subnet)",
              fix: "choose an address of the subnet")
          }
        } else if entry["subnet"] == nil {
          findings.error(written.at, "a gateway needs a subnet", fix: "add 'subnet: ADDRESS/BITS'")
        }
      }
    }
    return definition
  }

  private mutating func subnet(_ node: Node) -> IPv4Subnet? {
    let text = node.string ?? ""
    if text.contains(":") {
      findings.error(
        node.at, "IPv6 is not supported yet: \(quoted(text))", fix: "use an IPv4 subnet such as 10.10.0.0/24")
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

  /// An IPv4 address; `what` is what it is for.
  mutating func address(_ node: Node, _ what: String, such example: String = "10.10.0.5") -> IPv4Address? {
    let text = node.string ?? ""
    if let address = IPv4Address(text) { return address }
    let isIPv6 = text.count { $0 == ":" } > 1 && text.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    if isIPv6 {
      findings.error(node.at, "IPv6 is not supported yet: \(quoted(text))", fix: "use an IPv4 address")
    } else {
      findings.error(
        node.at, "\(quoted(text)) is not an address for \(what)", fix: "write such as \(example)")
    }
    return nil
  }

  private func volume(_ pair: Node.Pair) -> VolumeDefinition {
    VolumeDefinition(
      name: pair.value["name"]?.string ?? pair.key, isExternal: pair.value["external"]?.bool ?? false,
      labels: texts(pair.value["labels"]))
  }
}
