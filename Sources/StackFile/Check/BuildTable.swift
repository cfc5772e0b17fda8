extension Forms {
  /// `build`: the context, or a map; in canonical form a map.
  static let build = Form(.either([.object({ buildTable }), .string])) { node, place, check in
    guard let text = node.string else {
      guard case .map = node.content else { return check.expected("a directory, or a map", node, place) }
      return buildTable.check(node, place, &check)
    }
    guard let context = context(Node(text, at: node.at), place, &check) else { return nil }
    return Node(.map([Node.Pair("context", context)]), at: node.at)
  }

  static let buildTable = Table(
    name: "'build'",
    rows: [
      "context": Attribute(context, .works),
      "dockerfile": Attribute(text, .works),
      "dockerfile_inline": Attribute(text, .works),
      "entitlements": Attribute(list(of: text), .works),
      "args": Attribute(pairs(nullIsEmpty: false), .works, merge: .overlay),
      "ssh": Attribute(ssh, .works, merge: .names),
      "labels": Attribute(pairs(nullIsEmpty: true), .works),
      "cache_from": Attribute(list(of: text), .works),
      "cache_to": Attribute(list(of: text), .works),
      "no_cache": Attribute(flag, .works),
      "no_cache_filter": Attribute(list(of: text, orOne: true), .works),
      "additional_contexts": Attribute(contexts, .works),
      "network": Attribute(text, .works),
      "provenance": Attribute(textOrFlag, .works),
      "sbom": Attribute(textOrFlag, .works),
      "pull": Attribute(flag, .works),
      "target": Attribute(text, .works),
      "shm_size": Attribute(bytes(), .works),
      "extra_hosts": Attribute(extraHosts, .works, merge: hostsMerge),
      "isolation": Attribute(text, .works),
      "privileged": Attribute(flag, .works),
      "secrets": Attribute(fileReferences, .works),
      "tags": Attribute(list(of: text), .works, merge: .names),
      "ulimits": Attribute(ulimits, .works),
      "platforms": Attribute(list(of: text), .works),
    ], complete: Complete.hosts)

  /// A directory of the machine, an address of a repository, or `service:NAME`.
  private static let context = Form(.string) { node, place, check in
    guard let text = text(node, place, &check)?.string, !text.isEmpty else { return node }
    let remote = ["https://", "http://", "git://", "ssh://", "github.com/", "git@", "service:"]
    if text.contains("://") || remote.contains(where: text.hasPrefix) { return node }
    return resolved(text, at: node.at, &check)
  }

  private static let contexts = Form(.either([.map(.string), .list(.string)])) { node, place, check in
    if let entry = node.items.first(where: { $0.string.map { !$0.contains("=") } ?? false }) {
      check.error(entry.at, "\(quoted(entry.string ?? "")) has no context", fix: "write NAME=CONTEXT")
      return nil
    }
    guard let map = pairs(nullIsEmpty: true)(node, place, &check) else { return nil }
    return Node(
      .map(
        map.pairs.map { pair in
          guard let value = context(pair.value, place, &check) else { return pair }
          return Node.Pair(pair.key, value, at: pair.keyAt)
        }), at: map.at)
  }

  /// `build.ssh`: a list of `default` and `ID=PATH`, or a map; in canonical form such a list.
  private static let ssh = Form(
    .either([.list(.string), .map(.either([.string, .null]))])
  ) { node, place, check in
    var map: [Node.Pair] = []
    switch node.content {
    case .map: map = pairs(nullIsEmpty: false)(node, place, &check)?.pairs ?? []
    case .list(let items):
      for item in items where item.mark != .reset {
        guard let text = text(item, place.item, &check)?.string else { continue }
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2 || text == "default" else {
          check.error(item.at, "\(quoted(text)) is not an SSH key", fix: "write 'default' or ID=PATH")
          continue
        }
        let value =
          halves.count == 2 ? Node(String(halves[1]), at: item.at) : Node(.scalar(.null), at: item.at)
        map.append(Node.Pair(String(halves[0]), value, at: item.at))
      }
    default: return check.expected("a list of ID=PATH, or a map", node, place)
    }
    return Node(
      .list(
        map.compactMap { pair in
          guard let text = pair.value.string, !text.isEmpty else { return Node(pair.key, at: pair.keyAt) }
          let path = text.hasPrefix("$") ? text : check.surroundings.resolve(text)
          return Node("\(pair.key)=\(path)", at: pair.keyAt)
        }), at: node.at)
  }
}
