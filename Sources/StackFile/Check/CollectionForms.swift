extension Forms {
  /// A list whose entries have one form. Equal entries count once; an empty list is as good as none.
  static func list(of form: @escaping Form, orOne: Bool = false) -> Form {
    { node, place, check in
      let items: [Node]
      if case .list(let written) = node.content {
        items = written
      } else if orOne, node.string != nil {
        items = [node]
      } else {
        let fix = node.string.map { "write [\(shortened($0))]" }
        return check.expected(orOne ? "a string or a list" : "a list", node, place, fix: fix)
      }
      var seen: Set<Node.Content> = []
      var kept: [Node] = []
      for item in items {
        guard let checked = form(item, place.item, &check) else { continue }
        if seen.insert(checked.content).inserted { kept.append(checked) }
      }
      return kept.isEmpty ? nil : Node(.list(kept), at: node.at)
    }
  }

  /// A map with free keys whose values have one form; sorted by key.
  static func map(of form: @escaping Form, keys: KeyRule = .any) -> Form {
    { node, place, check in
      guard case .map(let pairs) = node.content else {
        return check.expected("a map of names and values", node, place)
      }
      var kept: [Node.Pair] = []
      for pair in pairs {
        if let fault = keys.fault(in: pair.key) {
          check.error(pair.keyAt, "\(quoted(pair.key)) cannot be a name in \(place.description)", fix: fault)
          continue
        }
        if let checked = form(pair.value, Place(key: pair.key), &check) {
          kept.append(Node.Pair(pair.key, checked, at: pair.keyAt))
        }
      }
      return kept.isEmpty ? nil : Node(.map(kept.sorted { $0.key < $1.key }), at: node.at)
    }
  }

  /// An object with fixed keys. `isNullable`: nothing written counts as absent.
  static func object(_ table: @escaping @Sendable () -> Table, isNullable: Bool = false) -> Form {
    { node, place, check in
      if isNullable, node.isNull { return nil }
      return table().check(node, place, &check)
    }
  }

  /// A map of names and values, or a list of `NAME=VALUE`; in canonical form a map of strings.
  /// `nullIsEmpty`: a name without a value has the empty value; otherwise it stays null.
  static func pairs(nullIsEmpty: Bool) -> Form {
    { node, place, check in
      var values: [String: Node.Pair] = [:]
      func set(_ name: String, _ value: Node, at: Position) {
        guard !name.isEmpty else {
          check.error(at, "a name in \(place.description) is empty", fix: "write NAME=VALUE")
          return
        }
        let empty = value.isNull && nullIsEmpty
        values[name] = Node.Pair(name, empty ? Node("", at: value.at) : value, at: at)
      }
      switch node.content {
      case .map(let pairs):
        for pair in pairs {
          guard let scalar = pair.value.scalar, (pair.value.number ?? 0).isFinite else {
            _ = check.expected("a string, a number, true, false or empty", pair.value, Place(key: pair.key))
            continue
          }
          let value = scalar.asText.map { Node($0, at: pair.value.at) } ?? pair.value
          set(pair.key, value, at: pair.keyAt)
        }
      case .list(let items):
        for item in items {
          guard let entry = item.string else {
            _ = check.expected("a string such as NAME=VALUE", item, place.item)
            continue
          }
          let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
          let value =
            parts.count > 1 ? Node(String(parts[1]), at: item.at) : Node(.scalar(.null), at: item.at)
          set(String(parts[0]), value, at: item.at)
        }
      default: return check.expected("a map, or a list of NAME=VALUE", node, place)
      }
      if values.isEmpty { return nil }
      return Node(.map(values.values.sorted { $0.key < $1.key }), at: node.at)
    }
  }
}

/// What the names in a map may look like.
enum KeyRule: Sendable {
  case any
  /// `[a-zA-Z0-9._-]+`: services, networks, volumes.
  case resource

  /// How to mend the name; nil where it is right.
  func fault(in name: String) -> String? {
    switch self {
    case .any: return nil
    case .resource:
      let isRight =
        !name.isEmpty && name.utf8.allSatisfy { isAlphanumericByte($0) || "._-".utf8.contains($0) }
      return isRight ? nil : "use letters, digits, '.', '_' and '-'"
    }
  }
}

/// A word for a fix: short enough to be read in a message.
func shortened(_ text: String) -> String { text.count > 40 ? "…" : text }
