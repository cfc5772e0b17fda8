/// What the tables say of whole objects: defaults, and what does not go together.
enum Complete {
  /// A dependency is required unless it says otherwise.
  @Sendable static func dependency(_ node: inout Node, _ findings: inout Findings) {
    if node["required"] == nil { node["required"] = Node(.scalar(.bool(true)), at: node.at) }
  }

  /// `create_host_path: true` and `required: true` are the defaults.
  @Sendable static func dropTrue(_ key: String) -> @Sendable (inout Node, inout Findings) -> Void {
    { node, _ in if node[key]?.bool == true { node[key] = nil } }
  }

  /// All devices, unless some are counted or named; not both.
  @Sendable static func deviceRequest(_ node: inout Node, _ findings: inout Findings) {
    if let ids = node.pair("device_ids"), node["count"] != nil {
      findings.error(ids.keyAt, "'count' and 'device_ids' exclude each other", fix: "keep one of the two")
    }
    if node["device_ids"] == nil, node["count"] == nil {
      node["count"] = Node(.scalar(.int(-1)), at: node.at)
    }
  }

  /// A service or a job: sorted hosts, and where secrets are put.
  @Sendable static func workload(_ node: inout Node, _ findings: inout Findings) {
    hosts(&node, &findings)
    guard let secrets = node["secrets"], case .list(let items) = secrets.content else { return }
    node["secrets"]?.content = .list(
      items.map { item in
        guard item["target"] == nil, let source = item["source"] else { return item }
        var item = item
        item["target"] = Node("/run/secrets/" + (source.string ?? ""), at: source.at)
        return item
      })
  }

  @Sendable static func hosts(_ node: inout Node, _ findings: inout Findings) {
    guard let hosts = node["extra_hosts"] else { return }
    node["extra_hosts"]?.content = .list(hosts.items.sorted { ($0.string ?? "") < ($1.string ?? "") })
  }

  /// A trigger of a job.
  @Sendable static func triggers(_ node: inout Node, _ findings: inout Findings) {
    if node["manual"] == nil, node["schedule"] == nil, !findings.isFaulty(node.at) {
      findings.error(
        node.at, "'triggers' names none", fix: "add 'manual: true', or 'schedule:' with a list of times")
    }
  }

  /// A network: `external` with a name in it is turned into a flag and the name beside it.
  @Sendable static func network(_ node: inout Node, _ findings: inout Findings) {
    external(&node, &findings)
  }

  /// A volume that exists already cannot be described.
  @Sendable static func volume(_ node: inout Node, _ findings: inout Findings) {
    external(&node, &findings)
    guard node["external"]?.bool == true else { return }
    for pair in node.pairs where !["external", "name"].contains(pair.key) && !pair.key.hasPrefix("x-") {
      findings.error(
        pair.keyAt, "'\(pair.key)' cannot be set on what is external: it exists already",
        fix: "remove '\(pair.key)' or 'external'")
    }
  }

  /// A config or secret has its content from one place.
  @Sendable static func source(_ keys: [String]) -> @Sendable (inout Node, inout Findings) -> Void {
    { node, findings in
      external(&node, &findings)
      let given = keys.compactMap { node.pair($0) }
      if given.count > 1 {
        findings.error(
          given[1].keyAt, "'\(given[1].key)' and '\(given[0].key)' exclude each other",
          fix: "keep one of the two")
      }
      if given.isEmpty, node["external"] == nil, node["driver"] == nil, !findings.isFaulty(node.at) {
        findings.error(
          node.at, "nothing says where the content comes from",
          fix: "add \(alternatives(keys)), or 'external: true'")
      }
    }
  }

  private static func external(_ node: inout Node, _ findings: inout Findings) {
    guard let flag = node["external"], case .map = flag.content else { return }
    node["external"] = Node(.scalar(.bool(true)), at: flag.at)
    guard let name = flag["name"] else { return }
    if let own = node["name"] {
      guard own != name else { return }
      findings.error(
        own.at, "the name is given twice, here and under 'external'",
        fix: "keep 'name' and write 'external: true'")
    } else {
      node["name"] = name
    }
  }
}
