extension StackDocument {
  /// Where the values below a path come from: `services.web.ports[0].target`, `services.web`.
  ///
  /// Each with its file, line and column, what it was written as where variables were replaced, and
  /// the values of earlier files whose place it took. nil where nothing is at the path.
  public func explanation(of path: String) -> String? {
    guard let (name, node, at) = find(path) else { return nil }
    var lines: [String] = []
    explain(node, name, at, &lines)
    return lines.map { $0 + "\n" }.joined()
  }

  /// What could follow the longest part of the path that exists; for a message.
  public func alternatives(to path: String) -> (known: String, next: [String]) {
    var known = ""
    var node = root
    for part in parts(of: path) {
      guard let (next, _) = step(node, part) else { break }
      known += known.isEmpty ? part : "." + part
      node = next
    }
    let next = node.items.isEmpty ? node.pairs.map(\.key) : node.items.indices.map { "\($0)" }
    return (known, next)
  }

  private func find(_ path: String) -> (String, Node, Position)? {
    var found = (name: "", node: root, at: root.at)
    for part in parts(of: path) {
      guard let (next, at) = step(found.node, part) else { return nil }
      let isIndex = if case .list = found.node.content { true } else { false }
      let name = isIndex ? found.name + "[\(part)]" : found.name.isEmpty ? part : found.name + "." + part
      found = (name, next, at)
    }
    return found
  }

  /// Parts between points and brackets; a key with a point in it is tried whole by `step`'s caller.
  private func parts(of path: String) -> [String] {
    var parts: [String] = []
    var node = root
    var rest = Substring(path)
    while !rest.isEmpty {
      if rest.first == "." || rest.first == "]" {
        rest = rest.dropFirst()
        continue
      }
      if rest.first == "[" { rest = rest.dropFirst() }
      // The longest key that is there wins, so that a key may have points in it.
      let keys = node.pairs.map(\.key).filter { key in
        rest.hasPrefix(key) && (rest.count == key.count || ".[".contains(rest.dropFirst(key.count).first!))
      }
      let part = keys.max { $0.count < $1.count } ?? String(rest.prefix { !".[]".contains($0) })
      if part.isEmpty { break }
      parts.append(part)
      rest = rest.dropFirst(part.count)
      if let (next, _) = step(node, part) { node = next }
    }
    return parts
  }

  private func step(_ node: Node, _ part: String) -> (Node, Position)? {
    if case .list(let items) = node.content {
      guard let index = Int(part), items.indices.contains(index) else { return nil }
      return (items[index], items[index].at)
    }
    return node.pair(part).map { ($0.value, $0.keyAt) }
  }

  private func explain(_ node: Node, _ name: String, _ at: Position, _ lines: inout [String]) {
    switch node.content {
    case .list(let items) where !items.isEmpty:
      for (index, item) in items.enumerated() { explain(item, "\(name)[\(index)]", item.at, &lines) }
    case .map(let pairs) where !pairs.isEmpty:
      for pair in pairs {
        explain(pair.value, name.isEmpty ? pair.key : "\(name).\(pair.key)", pair.keyAt, &lines)
      }
    default:
      lines.append("\(name): \(node.shown)")
      lines.append("  from \(place(node.isNull ? at : node.at))")
      addOrigins(of: node, &lines)
    }
    // What a whole list or map took the place of.
    if node.scalar == nil, let replaced = node.replaced?.node {
      lines.append("\(name) replaces \(replaced.shown) of \(place(replaced.at))")
    }
  }

  private func addOrigins(of node: Node, _ lines: inout [String]) {
    if let written = node.written {
      lines.append("  written as \(written)")
      for variable in Template.variables(in: written) {
        let value = variables[variable.name].map { "'\($0)'" } ?? "not set"
        lines.append("  with \(variable.name) \(value == "not set" ? "not set" : "= " + value)")
      }
    }
    var earlier = node.scalar == nil ? nil : node.replaced?.node
    while let value = earlier {
      lines.append("  replaces \(value.shown) of \(place(value.at))")
      earlier = value.replaced?.node
    }
  }

  private func place(_ at: Position) -> String {
    "\(files[Int(at.file)]):\(at.line):\(at.column)"
  }
}

extension Node {
  /// The value in one line.
  fileprivate var shown: String {
    switch content {
    case .scalar(.null): "null"
    case .scalar(let scalar): scalar.asText.map { $0.isEmpty ? "''" : $0 } ?? "null"
    case .list(let items): items.isEmpty ? "[]" : "a list of \(items.count)"
    case .map(let pairs): pairs.isEmpty ? "{}" : "a map of \(pairs.count)"
    }
  }
}
