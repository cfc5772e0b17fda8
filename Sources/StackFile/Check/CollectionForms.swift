extension Forms {
  /// A list whose entries have one form. `orOne`: a string may stand for a list of one.
  /// `areDistinct`: an entry that stands twice is an error.
  static func list(of form: Form, orOne: Bool = false, areDistinct: Bool = false) -> Form {
    let shape = Shape.list(form.shape)
    return Form(orOne ? .either([shape, .string]) : shape) { node, place, check in
      let items: [Node]
      if case .list(let written) = node.content {
        items = written
      } else if orOne, node.string != nil {
        items = [node]
      } else {
        let fix = node.string.map { "write [\(shortened($0))]" }
        return check.expected(orOne ? "a string or a list" : "a list", node, place, fix: fix)
      }
      var kept: [Node] = []
      kept.reserveCapacity(items.count)
      var seen: Set<Node> = []
      for item in items where item.mark != .reset {
        if item.isNull, !form.shape.allowsNull {
          check.error(
            item.at, "\(place.item.description) has no value", fix: "give it one, or remove the entry")
          continue
        }
        guard let checked = form(item, place.item, &check) else { continue }
        if areDistinct, !seen.insert(item).inserted {
          check.error(
            item.at, "\(quoted(item.asWritten ?? "the entry")) stands twice in \(place.description)",
            fix: "remove one")
          continue
        }
        kept.append(checked)
      }
      return Node(.list(kept), at: node.at)
    }
  }

  /// A map with free keys whose values have one form.
  static func map(of form: Form, keys: KeyRule = .any) -> Form {
    Form(.map(form.shape)) { node, place, check in
      guard case .map(let pairs) = node.content else {
        return check.expected("a map of names and values", node, place)
      }
      var kept: [Node.Pair] = []
      kept.reserveCapacity(pairs.count)
      for pair in pairs {
        if let fault = keys.fault(in: pair.key) {
          check.error(pair.keyAt, "\(quoted(pair.key)) cannot be a name in \(place.description)", fix: fault)
          continue
        }
        if let checked = form(pair.value, Place(key: pair.key), &check) {
          kept.append(Node.Pair(pair.key, checked, at: pair.keyAt))
        }
      }
      return Node(.map(kept), at: node.at)
    }
  }

  /// An object with fixed keys. `isNullable`: nothing written counts as absent.
  static func object(_ table: @escaping @Sendable () -> Table, isNullable: Bool = false) -> Form {
    Form(isNullable ? .either([.object(table), .null]) : .object(table)) { node, place, check in
      if node.isNull { return node }
      return table().check(node, place, &check)
    }
  }

  /// A map whose values are strings, numbers or empty, all turned into strings.
  static let options = Form(.map(.either([.string, .number, .null]))) { node, place, check in
    guard case .map(let pairs) = node.content else {
      return check.expected("a map of names and values", node, place)
    }
    var kept: [Node.Pair] = []
    for pair in pairs {
      if pair.value.mark == .reset {
        kept.append(pair)
      } else if pair.value.isNull {
        kept.append(Node.Pair(pair.key, Node("", at: pair.value.at), at: pair.keyAt))
      } else if let text = textOrNumber(pair.value, Place(key: pair.key), &check) {
        kept.append(Node.Pair(pair.key, text, at: pair.keyAt))
      }
    }
    return Node(.map(kept), at: node.at)
  }

  /// A map of names and values, or a list of `NAME=VALUE`; in canonical form a map of strings.
  /// `nullIsEmpty`: a name without a value has the empty value; otherwise it stays null.
  static func pairs(nullIsEmpty: Bool) -> Form {
    let value = Shape.either([.string, .number, .boolean, .null])
    return Form(.either([.map(value), .list(.string)])) { node, place, check in
      var kept: [Node.Pair] = []
      var places: [String: Int] = [:]
      func set(_ name: String, _ value: Node, at: Position) {
        guard !name.isEmpty else {
          check.error(at, "a name in \(place.description) is empty", fix: "write NAME=VALUE")
          return
        }
        let empty = value.isNull && nullIsEmpty && value.mark == nil
        let pair = Node.Pair(name, empty ? Node("", at: value.at) : value, at: at)
        if let place = places[name] {
          kept[place] = pair
        } else {
          places[name] = kept.count
          kept.append(pair)
        }
      }
      switch node.content {
      case .map(let pairs):
        for pair in pairs {
          guard let scalar = pair.value.scalar, (pair.value.number ?? 0).isFinite else {
            _ = check.expected("a string, a number, true, false or empty", pair.value, Place(key: pair.key))
            continue
          }
          var value = pair.value
          if value.string == nil, let text = scalar.asText { value = Node(text, at: value.at) }
          value.mark = pair.value.mark
          set(pair.key, value, at: pair.keyAt)
        }
      case .list(let items):
        for item in items where item.mark != .reset {
          guard let entry = item.string else {
            _ = check.expected("a string such as NAME=VALUE", item, place.item)
            continue
          }
          guard let equals = entry.utf8.firstIndex(of: UInt8(ascii: "=")) else {
            set(entry, Node(.scalar(.null), at: item.at), at: item.at)
            continue
          }
          let name = entry[..<equals]
          guard name.last != " ", name.last != "\t" else {
            check.error(
              item.at, "a space stands before the '=' of \(quoted(entry))", fix: "write NAME=VALUE without it"
            )
            continue
          }
          set(String(name), Node(String(entry[entry.utf8.index(after: equals)...]), at: item.at), at: item.at)
        }
      default: return check.expected("a map, or a list of NAME=VALUE", node, place)
      }
      return Node(.map(kept), at: node.at)
    }
  }

  /// A list of names, or a map of names to objects that may be empty; in canonical form a map.
  static func named(_ what: String, _ table: @escaping @Sendable () -> Table) -> Form {
    named(what, or: "a map", of: object(table, isNullable: true)) { Node(.scalar(.null), at: $0) }
  }

  /// The same; `member` makes of a name in a list what stands for it in the map.
  static func named(
    _ what: String, or whole: String, of entry: Form, member: @escaping @Sendable (Position) -> Node
  ) -> Form {
    let entries = map(of: entry, keys: .resource)
    return Form(.either([entries.shape, .list(.string)])) { node, place, check in
      guard case .list(let items) = node.content else {
        guard case .map = node.content else {
          let fix = node.string.map { "write [\(shortened($0))]" }
          return check.expected("a list of \(what), or \(whole)", node, place, fix: fix)
        }
        return entries(node, place, &check)
      }
      var pairs: [Node.Pair] = []
      for item in items where item.mark != .reset {
        guard let name = text(item, place.item, &check)?.string else { continue }
        guard !pairs.contains(where: { $0.key == name }) else {
          check.error(item.at, "\(quoted(name)) stands twice in \(place.description)", fix: "remove one")
          continue
        }
        pairs.append(Node.Pair(name, member(item.at), at: item.at))
      }
      return Node(.map(pairs), at: node.at)
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
