extension Forms {
  /// `volumes` of a service: short strings or maps; in canonical form maps.
  static let volumes = list(
    of: Form(.either([.object({ volumeTable }), .string])) { node, place, check in
      if case .map = node.content { return longVolume(node, place, &check) }
      guard let text = node.string else {
        return check.expected(
          "a string or a map", node, place, fix: "write such as data:/var/lib/data or ./src:/src:ro")
      }
      return shortVolume(text, node.at, &check)
    })

  /// `[SOURCE:]TARGET[:OPTIONS]`. A source that begins with `.`, `/` or `~` is a path of the host,
  /// any other the name of a volume.
  private static func shortVolume(_ text: String, _ at: Position, _ check: inout Check) -> Node? {
    let parts = VolumeText.parts(text)
    guard parts.count <= 3, parts.allSatisfy({ !$0.isEmpty }) else {
      check.error(
        at, "\(quoted(text)) is not a volume",
        fix: "write SOURCE:TARGET or SOURCE:TARGET:ro, such as data:/data:ro")
      return nil
    }
    let source = parts.count > 1 ? parts[0] : nil
    let isPath = source.map(VolumeText.isPath) ?? false
    if let drive = parts.first(where: VolumeText.hasDrive) {
      check.warn(
        at, "\(quoted(drive)) is read as a path on a drive of Windows, as Docker Compose reads it",
        fix: "for a volume whose name has one letter write 'type: volume', 'source' and 'target'")
    }
    var pairs = [Node.Pair("type", Node(isPath ? "bind" : "volume", at: at))]
    if let source {
      guard let path = isPath ? resolved(source, at: at, &check) : Node(source, at: at) else { return nil }
      pairs.append(Node.Pair("source", path))
    }
    pairs.append(Node.Pair("target", Node(Paths.clean(parts[parts.count == 1 ? 0 : 1]), at: at)))
    var bind: [Node.Pair] = []
    var volume: [Node.Pair] = []
    for option in parts.count == 3 ? parts[2].split(separator: ",", omittingEmptySubsequences: false) : [] {
      switch option {
      case "rw": break
      case "ro": pairs.append(Node.Pair("read_only", Node(.scalar(.bool(true)), at: at)))
      case "nocopy": volume = [Node.Pair("nocopy", Node(.scalar(.bool(true)), at: at))]
      case "z", "Z": bind.append(Node.Pair("selinux", Node(String(option), at: at)))
      case "rprivate", "private", "rshared", "shared", "rslave", "slave":
        bind.append(Node.Pair("propagation", Node(String(option), at: at)))
      case "cached", "delegated", "consistent":
        check.warn(at, "the volume option '\(option)' has no effect on Linux", fix: "remove it")
      default:
        let near = nearest(to: String(option), among: ["ro", "rw", "nocopy", "cached"]).map {
          "did you mean '\($0)'?"
        }
        check.error(at, "unknown volume option \(quoted(option))", fix: near ?? "use 'ro' or 'rw'")
        return nil
      }
    }
    if isPath || !bind.isEmpty { pairs.append(Node.Pair("bind", Node(.map(bind), at: at))) }
    if !isPath || !volume.isEmpty { pairs.append(Node.Pair("volume", Node(.map(volume), at: at))) }
    return Node(.map(pairs), at: at)
  }

  private static func longVolume(_ node: Node, _ place: Place, _ check: inout Check) -> Node? {
    guard var map = volumeTable.check(node, place, &check) else { return nil }
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
    guard type == "bind" else { return map }
    guard let source = map["source"]?.string else {
      if node["source"] == nil {
        check.error(
          node.at, "\(place.description) of type bind lacks the path on the host", fix: "add 'source: PATH'")
      }
      return nil
    }
    guard let at = map["source"]?.at, let path = resolved(source, at: at, &check) else { return nil }
    map.content = .map(map.pairs.map { $0.key == "source" ? Node.Pair("source", path, at: $0.keyAt) : $0 })
    return map
  }

  static let volumeTable = Table(
    name: "a volume of a service",
    rows: [
      "type": Attribute(
        word("bind", "volume", "tmpfs", "image", "npipe", "cluster"),
        .only(["bind", "volume", "tmpfs", "image"])),
      "source": Attribute(filledText, .works),
      "target": Attribute(
        Form(.string) { node, place, check in
          filledText(node, place, &check).map { Node(Paths.clean($0.string ?? ""), at: $0.at) }
        }, .works),
      "read_only": Attribute(flag, .works),
      "consistency": Attribute(text, .noEffect("it means nothing on Linux")),
      "bind": Attribute(object({ bindTable }), .works, dropsZero: false),
      "volume": Attribute(object({ volumeOptionsTable }), .works, dropsZero: false),
      "tmpfs": Attribute(object({ tmpfsTable }), .works, dropsZero: false),
      "image": Attribute(object({ imageTable }), .works, dropsZero: false),
    ])

  static let bindTable = Table(
    name: "'bind'",
    rows: [
      // Only false differs from the default: see `Complete`.
      "create_host_path": Attribute(flag, .works, dropsZero: false),
      "propagation": Attribute(
        text, .only(["rprivate", "private", "rshared", "shared", "rslave", "slave"])),
      "recursive": Attribute(
        word("enabled", "disabled", "writable", "readonly"), .only(["enabled", "disabled", "writable"])),
      "selinux": Attribute(word("z", "Z"), .refused("label the directory with chcon(1)")),
    ], complete: Complete.dropTrue("create_host_path"))

  static let volumeOptionsTable = Table(
    name: "'volume'",
    rows: [
      "nocopy": Attribute(flag, .works),
      "subpath": Attribute(text, .works),
      "labels": Attribute(pairs(nullIsEmpty: true), .works),
    ])

  static let tmpfsTable = Table(
    name: "'tmpfs'",
    rows: [
      "size": Attribute(bytes(), .works),
      "mode": Attribute(
        Form(.integer) { node, place, check in
          guard let bits = node.int, (0...0o7777).contains(bits) else {
            return check.expected(
              "a file mode", node, place, fix: "write it octal and unquoted, such as 0755")
          }
          return Node(.scalar(.int(bits)), at: node.at)
        }, .works),
    ])

  static let imageTable = Table(name: "'image'", rows: ["subpath": Attribute(text, .works)])
}

/// The parts of a volume in short form.
enum VolumeText {
  /// What the colons separate. One letter and a colon are a drive of Windows, and stay together.
  static func parts(_ text: String) -> [String] {
    var parts: [String] = []
    var part = ""
    for letter in text {
      if letter == ":", !(part.count == 1 && part.first?.isLetter == true) {
        parts.append(part)
        part = ""
      } else {
        part.append(letter)
      }
    }
    return parts + [part]
  }

  /// Whether it names a path of the host, not a volume.
  static func isPath(_ source: String) -> Bool {
    [".", "/", "~", "\\\\"].contains(where: source.hasPrefix) || hasDrive(source)
  }

  static func hasDrive(_ text: String) -> Bool {
    text.dropFirst().first == ":" && text.first?.isLetter == true
  }
}
