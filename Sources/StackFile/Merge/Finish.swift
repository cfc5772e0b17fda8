/// The last step on the merged tree: what must be there is, defaults are filled in, what says the
/// same as nothing is left out, keys are sorted.
struct Finish {
  var findings: Findings

  static func apply(_ root: Node, _ findings: inout Findings) -> Node {
    var finish = Finish(findings: findings)
    let finished = finish.object(root, Forms.top, Place(key: "the file"))
    findings = finish.findings
    return finished
  }

  private mutating func object(_ node: Node, _ table: Table, _ place: Place) -> Node {
    var node = node
    for (key, fix) in table.required.sorted(by: { $0.key < $1.key })
    where node[key] == nil && !findings.isFaulty(node.at) {
      findings.error(node.at, "\(place.subject(table)) lacks '\(key)'", fix: fix)
    }
    table.complete?(&node, &findings)
    var kept: [Node.Pair] = []
    kept.reserveCapacity(node.pairs.count)
    for var pair in node.pairs {
      guard let row = table.rows[pair.key] else {
        kept.append(pair)
        continue
      }
      if pair.value.isNull {
        if !row.form.shape.allowsNull {
          findings.expected(row.form.shape.words, pair.value, Place(key: pair.key))
        }
        continue
      }
      pair.value = value(pair.value, row.form.shape, Place(key: pair.key))
      if row.dropsZero, pair.value.isZero(text: row.form.zero) { continue }
      kept.append(pair)
    }
    node.content = .map(kept.sorted { $0.key < $1.key })
    return node
  }

  private mutating func value(_ node: Node, _ shape: Shape, _ place: Place) -> Node {
    var node = node
    switch node.content {
    case .scalar: break
    case .list(let items):
      guard let entry = shape.entry else { break }
      node.content = .list(items.map { value($0, entry, place.item) })
    case .map(let pairs):
      if let table = shape.table { return object(node, table, place) }
      guard let inner = shape.value else { break }
      var kept: [Node.Pair] = []
      kept.reserveCapacity(pairs.count)
      for var pair in pairs {
        let isExtension = pair.key.hasPrefix("x-")
        if pair.value.isNull, !inner.allowsNull, !isExtension {
          findings.expected(inner.words, pair.value, Place(key: pair.key))
          continue
        }
        pair.value = value(pair.value, inner, Place(key: pair.key))
        kept.append(pair)
      }
      node.content = .map(kept.sorted { $0.key < $1.key })
    }
    return node
  }
}

extension Place {
  /// What an object is called in a message: by its key where that says something.
  fileprivate func subject(_ table: Table) -> String {
    if table.name.hasPrefix("'") || isItem { return table.name }
    // 'a network' and 'an env file' are the ones that the key names.
    let name = table.name.drop { $0 != " " }
    return "the\(name) \(quoted(key))"
  }
}

extension Node {
  /// Whether it says the same as nothing.
  fileprivate func isZero(text: String) -> Bool {
    switch content {
    case .list(let items): items.isEmpty
    case .map(let pairs): pairs.isEmpty
    case .scalar(.bool(let flag)): !flag
    case .scalar(.int(let number)): number == 0
    case .scalar(.float(let number)): number == 0
    case .scalar(.string(let string)): string == text || string.isEmpty
    case .scalar: false
    }
  }
}

extension Shape {
  /// What it is, in a user's words.
  var words: String {
    switch self {
    case .string: "a string"
    case .number: "a number"
    case .integer: "a whole number"
    case .boolean: "true or false"
    case .null: "nothing"
    case .any: "a value"
    case .words(let words): alternatives(words)
    case .list: "a list"
    case .map, .object: "a map"
    case .either(let shapes): shapes.first?.words ?? "a value"
    }
  }
}
