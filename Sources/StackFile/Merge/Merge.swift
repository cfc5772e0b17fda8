/// How the value of a later file and that of an earlier one become one. A null leaves the earlier.
enum Merge: Sendable {
  /// Maps key by key, lists one after the other but for what is in both, anything else is replaced.
  case deep
  /// The later one counts; its null too.
  case replace
  /// Lists one after the other; of two entries with one identity the later counts.
  case list(identity: @Sendable (Node) -> String)
  /// A rule of its own: the earlier and the later value.
  case rule(@Sendable (Node, Node) -> Node)

  /// The text before `=` is the identity.
  static let names = Merge.list { entry in String((entry.string ?? "").prefix { $0 != "=" }) }
  /// Equal texts are one.
  static let texts = Merge.list { $0.string ?? "" }
  /// One entry a path in the container.
  static let targets = Merge.list { $0["target"]?.string ?? $0.string ?? "" }

  /// Maps of texts, in which a null is a value too: `NAME` alone under `environment`.
  static let overlay = Merge.rule { earlier, later in
    guard case .map(let first) = earlier.content, case .map(let second) = later.content else { return later }
    let own = Dictionary(second.map { ($0.key, $0) }) { $1 }
    let known = Set(first.map(\.key))
    let kept = first.map { pair in
      own[pair.key].map { Node.Pair($0.key, $0.value.replacing(pair.value), at: $0.keyAt) } ?? pair
    }
    return Node(.map(kept + second.filter { !known.contains($0.key) }), at: later.at)
  }

  /// Both values as one. Marks of the later one stay, for the file before; the earlier has none.
  static func apply(_ earlier: Node, _ later: Node, shape: Shape?, by rule: Merge = .deep) -> Node {
    if later.mark != nil { return later.replacing(earlier) }
    if case .replace = rule { return later.replacing(earlier) }
    if later.isNull { return earlier }
    if earlier.isNull { return later }
    if case .rule(let merge) = rule { return merge(earlier, later) }
    switch (earlier.content, later.content) {
    case (.map(let first), .map(let second)):
      return Node(.map(pairs(first, second, shape)), at: later.at)
    case (.list(let first), .list(let second)):
      let known = Set(first)
      let list = Node(.list(first + second.filter { !known.contains($0) }), at: later.at)
      if case .list(let identity) = rule { return list.unique(by: identity) }
      return list
    default: return later.replacing(earlier)
    }
  }

  private static func pairs(_ earlier: [Node.Pair], _ later: [Node.Pair], _ shape: Shape?) -> [Node.Pair] {
    let table = shape?.table
    let value = table == nil ? shape?.value : nil
    var merged = earlier
    merged.reserveCapacity(earlier.count + later.count)
    var places: [String: Int] = [:]
    places.reserveCapacity(earlier.count)
    for (place, pair) in earlier.enumerated() { places[pair.key] = place }
    for pair in later {
      guard let place = places[pair.key] else {
        merged.append(pair)
        continue
      }
      let row = table?.rows[pair.key]
      let result = apply(
        merged[place].value, pair.value, shape: row?.form.shape ?? value, by: row?.merge ?? .deep)
      merged[place] = Node.Pair(pair.key, result, at: pair.keyAt)
    }
    return merged
  }
}

extension Node {
  /// This value, which remembers the one whose place it took.
  fileprivate func replacing(_ earlier: Node) -> Node {
    var node = self
    node.replaced = Replaced(earlier)
    return node
  }

  /// The list with one entry an identity: the last one, where the first one stood.
  func unique(by identity: (Node) -> String) -> Node {
    guard case .list(let items) = content, items.count > 1 else { return self }
    var places: [String: Int] = [:]
    var kept: [Node] = []
    for item in items {
      let key = identity(item)
      if let place = places[key] {
        kept[place] = item.replacing(kept[place])
      } else {
        places[key] = kept.count
        kept.append(item)
      }
    }
    if kept.count == items.count { return self }
    var list = self
    list.content = .list(kept)
    return list
  }
}
