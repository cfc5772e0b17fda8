extension Forms {
  /// `volumes` of a service: short strings or maps; in canonical form maps.
  static let volumes: Form = list(of: { node, place, check in
    if case .map = node.content { return longVolume(node, place, &check) }
    guard let text = node.string else {
      return check.expected(
        "a string or a map", node, place, fix: "write such as data:/var/lib/data or ./src:/src:ro")
    }
    return shortVolume(text, node.at, &check)
  })

  /// `[SOURCE:]TARGET[:OPTIONS]`. A source that begins with `.`, `/` or `~` is a path of the host,
  /// any other the name of a volume, and a name may have one letter: this is no Windows.
  private static func shortVolume(_ text: String, _ at: Position, _ check: inout Check) -> Node? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 3, parts.allSatisfy({ !$0.isEmpty }) else {
      check.error(
        at, "\(quoted(text)) is not a volume",
        fix: "write SOURCE:TARGET or SOURCE:TARGET:ro, such as data:/data:ro")
      return nil
    }
    let source = parts.count > 1 ? parts[0] : nil
    let isPath = source.map { $0.hasPrefix(".") || $0.hasPrefix("/") || $0.hasPrefix("~") } ?? false
    var pairs = [
      Node.Pair("target", Node(Paths.clean(parts[parts.count == 1 ? 0 : 1]), at: at)),
      Node.Pair("type", Node(isPath ? "bind" : "volume", at: at)),
    ]
    if let source {
      if source.hasPrefix("~"), check.surroundings.home == nil {
        check.error(at, "'~' stands for the home directory, and HOME is not set", fix: "write the whole path")
        return nil
      }
      pairs.append(Node.Pair("source", Node(isPath ? check.surroundings.resolve(source) : source, at: at)))
    }
    if parts.count == 3 {
      for option in parts[2].split(separator: ",", omittingEmptySubsequences: false) {
        if option == "ro" {
          pairs.append(Node.Pair("read_only", Node(.scalar(.bool(true)), at: at)))
        } else if option != "rw", !volumeOption(String(option), at, &check) {
          return nil
        }
      }
    }
    return Node(.map(pairs.sorted { $0.key < $1.key }), at: at)
  }

  /// Reports what an option other than `ro` and `rw` means here; false where it is an error.
  private static func volumeOption(_ option: String, _ at: Position, _ check: inout Check) -> Bool {
    switch option {
    case "cached", "delegated", "consistent":
      check.warn(at, "the volume option '\(option)' has no effect on Linux", fix: "remove it")
      return true
    case "rprivate": return true
    case "z", "Z", "nocopy", "private", "shared", "rshared", "slave", "rslave":
      check.error(at, "the volume option '\(option)' is not supported yet", fix: "remove it")
    default:
      let near = nearest(to: option, among: ["ro", "rw", "nocopy", "cached"]).map { "did you mean '\($0)'?" }
      check.error(at, "unknown volume option \(quoted(option))", fix: near ?? "use 'ro' or 'rw'")
    }
    return false
  }

  private static func longVolume(_ node: Node, _ place: Place, _ check: inout Check) -> Node? {
    guard let map = volumeTable.check(node, place, &check) else { return nil }
    guard let type = map["type"]?.string else {
      if node["type"] == nil {
        check.error(
          node.at, "\(place.description) lacks 'type'",
          fix: "add 'type: volume', 'type: bind' or 'type: tmpfs'")
      }
      return nil
    }
    guard map["target"] != nil else {
      if node["target"] == nil {
        check.error(
          node.at, "\(place.description) lacks the path in the container", fix: "add 'target: /PATH'")
      }
      return nil
    }
    for (key, owner) in [("bind", "bind"), ("tmpfs", "tmpfs"), ("volume", "volume")] where type != owner {
      if let pair = map.pairs.first(where: { $0.key == key }) {
        check.error(
          pair.keyAt, "'\(key)' does not go with 'type: \(type)'", fix: "remove it, or write 'type: \(owner)'"
        )
      }
    }
    var pairs = map.pairs
    if let i = pairs.firstIndex(where: { $0.key == "source" }), let source = pairs[i].value.string {
      if type == "tmpfs" {
        check.error(pairs[i].keyAt, "a tmpfs has no source", fix: "remove 'source'")
      } else if type == "bind" {
        pairs[i].value = Node(check.surroundings.resolve(source), at: pairs[i].value.at)
      }
    } else if type == "bind" {
      if node["source"] == nil {
        check.error(
          node.at, "\(place.description) of type bind lacks the path on the host", fix: "add 'source: PATH'")
      }
      return nil
    }
    return Node(.map(pairs), at: map.at)
  }

  private static let volumeTable = Table(
    name: "a volume of a service",
    rows: [
      "type": .form { node, place, check in
        let type = word(["bind", "volume", "tmpfs", "image", "npipe", "cluster"])(node, place, &check)
        if let kind = type?.string, !["bind", "volume", "tmpfs"].contains(kind) {
          check.error(node.at, "'type: \(kind)' is not supported yet", fix: "use 'bind', 'volume' or 'tmpfs'")
          return nil
        }
        return type
      },
      "source": .form(filledText),
      "target": .form { node, place, check in
        filledText(node, place, &check).map { Node(Paths.clean($0.string ?? ""), at: $0.at) }
      },
      "read_only": .form(flag(keepsFalse: false)),
      "consistency": .form { node, place, check in
        check.warn(node.at, "'consistency' has no effect on Linux", fix: "remove it")
        return text(node, place, &check)
      },
      "bind": .form(object({ bindTable })),
      "volume": .form(object({ volumeOptionsTable })),
      "tmpfs": .form(object({ tmpfsTable })),
      "image": .refused,
    ])

  private static let bindTable = Table(
    name: "'bind'",
    rows: [
      // Only false differs from the default.
      "create_host_path": .form { node, place, check in
        flag(keepsFalse: true)(node, place, &check).flatMap { $0.bool == false ? $0 : nil }
      },
      "propagation": .form(only("rprivate")),
      "recursive": .form(only("enabled")),
      "selinux": .refused,
    ])

  private static let volumeOptionsTable = Table(
    name: "'volume'",
    rows: [
      "nocopy": .form { node, place, check in
        guard flag(keepsFalse: false)(node, place, &check) != nil else { return nil }
        check.error(node.at, "'nocopy: true' is not supported yet", fix: "remove it")
        return nil
      },
      "subpath": .refused,
      "labels": .refused,
    ])

  private static let tmpfsTable = Table(
    name: "'tmpfs'",
    rows: [
      "size": .form(bytes()),
      "mode": .form { node, place, check in
        guard let mode = node.int, (0...0o7777).contains(mode) else {
          return check.expected("a file mode", node, place, fix: "write it octal and unquoted, such as 0755")
        }
        return node
      },
    ])
}
