/// The document as Docker Compose's JSON has it: without `x-` keys below the top level and without
/// `models`, with empty objects where its own types have them, and some keys in capitals.
enum JSONModel {
  static func tree(_ root: Node) throws(RenderError) -> Node {
    let kept = root.pairs.filter { $0.key != "models" }
    return try object(Node(.map(kept), at: root.at), Forms.top, isTop: true)
  }

  private static func object(_ node: Node, _ table: Table, isTop: Bool = false) throws(RenderError) -> Node {
    var pairs: [Node.Pair] = []
    for var pair in node.pairs {
      if pair.key.hasPrefix("x-") {
        if isTop { pairs.append(pair) }
        continue
      }
      if let row = table.rows[pair.key] { pair.value = try value(pair.value, row.form.shape) }
      if pair.key == "ssh" { try refusePaths(pair.value) }
      pairs.append(pair)
    }
    for key in always[table.name] ?? [] where !pairs.contains(where: { $0.key == key }) {
      let isCommand = key == "command" || key == "entrypoint"
      pairs.append(Node.Pair(key, Node(isCommand ? .scalar(.null) : .map([]), at: node.at)))
    }
    switch table.name {
    case "a ulimit": pairs.removeAll { $0.value.int == 0 }
    case "a weight of a device", "a rate of a device":
      pairs = pairs.map { Node.Pair($0.key.prefix(1).uppercased() + $0.key.dropFirst(), $0.value) }
    default: break
    }
    var copy = node
    copy.content = .map(pairs.sorted { $0.key < $1.key })
    return copy
  }

  /// The keys that are there though nothing was written.
  private static let always: [String: [String]] = [
    "a service": ["command", "entrypoint"], "a job": ["command", "entrypoint"],
    "an entry of 'pre_start'": ["command", "entrypoint"], "a hook": ["command"], "a network": ["ipam"],
    "'deploy'": ["placement", "resources"], "an entry of 'watch'": ["exec"],
  ]

  private static func value(_ node: Node, _ shape: Shape) throws(RenderError) -> Node {
    var copy = node
    switch node.content {
    case .scalar: break
    case .list(let items):
      guard let entry = shape.entry else { break }
      var kept: [Node] = []
      for item in items { kept.append(try value(item, entry)) }
      copy.content = .list(kept)
    case .map(let pairs):
      if let table = shape.table { return try object(node, table) }
      guard let inner = shape.value else { break }
      var kept: [Node.Pair] = []
      for pair in pairs { kept.append(Node.Pair(pair.key, try value(pair.value, inner), at: pair.keyAt)) }
      copy.content = .map(kept)
    }
    return copy
  }

  private static func refusePaths(_ keys: Node) throws(RenderError) {
    guard let key = keys.items.first(where: { $0.string?.has("=") == true }) else { return }
    throw RenderError(
      description:
        "the SSH key \(quoted(key.string ?? "")) of 'build' has a path, for which the JSON of Docker Compose has no form; use '--format yaml'"
    )
  }

  static func value(of node: Node) -> JSONValue {
    switch node.content {
    case .list(let items): .list(items.map(value))
    case .map(let pairs): .map(pairs.map { ($0.key, value(of: $0.value)) })
    case .scalar(.null): .null
    case .scalar(.bool(let value)): .bool(value)
    case .scalar(.int(let value)): .int(value)
    case .scalar(.big(let value)): .big(value)
    case .scalar(.float(let value)): .float(value)
    case .scalar(.string(let text)), .scalar(.time(let text)): .string(text)
    }
  }
}
