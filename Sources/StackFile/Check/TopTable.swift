extension Forms {
  /// Every key that the top level of a file of the Compose Specification may have.
  static let top = Table(
    name: "the file", rows: topRows, keepsExtensions: true,
    elsewhere: { key in serviceRows[key] == nil ? nil : "into a service, under 'services: NAME:'" })

  static let topRows: [String: Attribute] = [
    "name": .form(text),
    "version": .obsolete,
    "services": .form(map(of: object({ service }), keys: .resource)),
    "networks": .form(map(of: network, keys: .resource)),
    "volumes": .form(map(of: volume, keys: .resource)),
    "configs": .refused, "include": .refused, "jobs": .refused, "models": .refused,
    "secrets": .refused,
  ]

  private static let network: Form = external(networkTable)
  private static let volume: Form = external(volumeTable)

  private static let networkTable = Table(
    name: "a network",
    rows: [
      "name": .form(filledText),
      "external": .form(externalFlag),
      "internal": .form(flag(keepsFalse: false)),
      "driver": .form(only("bridge")),
      "ipam": .form(object({ ipam })),
      "labels": .form(pairs(nullIsEmpty: true)),
      "attachable": .refused, "driver_opts": .refused, "enable_ipv4": .refused,
      "enable_ipv6": .refused,
    ])

  private static let volumeTable = Table(
    name: "a volume",
    rows: [
      "name": .form(filledText),
      "external": .form(externalFlag),
      "driver": .form(only("local")),
      "labels": .form(pairs(nullIsEmpty: true)),
      "driver_opts": .refused("mount the path of the host under the service's 'volumes'"),
    ])

  private static let ipam = Table(
    name: "'ipam'",
    rows: [
      "driver": .form(only("default")), "options": .refused,
      "config": .form(list(of: { ipamConfig.check($0, $1, &$2) })),
    ])

  private static let ipamConfig = Table(
    name: "an entry of 'config'",
    rows: [
      "subnet": .form(filledText), "gateway": .form(filledText), "ip_range": .refused,
      "aux_addresses": .refused,
    ])

  /// true, false, or the obsolete map with the name.
  private static let externalFlag: Form = { node, place, check in
    guard case .map(let pairs) = node.content else { return flag(keepsFalse: false)(node, place, &check) }
    check.warn(
      node.at, "'external' with a name is obsolete", fix: "write 'external: true' and 'name: NAME' beside it")
    guard
      let checked = Table(name: "'external'", rows: ["name": .form(filledText)]).check(node, place, &check)
    else { return nil }
    return pairs.isEmpty ? Node(.scalar(.bool(true)), at: node.at) : checked
  }

  /// A network or volume: nothing, or a map of which an external one may have only a name.
  private static func external(_ table: Table) -> Form {
    { node, place, check in
      if node.isNull { return Node(.map([]), at: node.at) }
      guard var map = table.check(node, place, &check) else { return nil }
      guard let flag = map["external"] else { return map }
      var pairs = map.pairs
      if case .map = flag.content, let i = pairs.firstIndex(where: { $0.key == "external" }) {
        pairs[i].value = Node(.scalar(.bool(true)), at: flag.at)
        if let name = flag["name"] {
          if let other = map["name"] {
            check.error(
              other.at, "the name is given twice, here and under 'external'",
              fix: "keep 'name' and write 'external: true'")
          } else {
            pairs.append(Node.Pair("name", name))
          }
        }
        map = Node(.map(pairs.sorted { $0.key < $1.key }), at: map.at)
      }
      for pair in map.pairs
      where !["external", "name", "labels"].contains(pair.key) && !pair.key.hasPrefix("x-") {
        check.error(
          pair.keyAt, "'\(pair.key)' cannot be set on what is external: it exists already",
          fix: "remove '\(pair.key)' or 'external'")
      }
      return map
    }
  }
}
