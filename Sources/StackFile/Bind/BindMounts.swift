internal import Stacks

extension Binder {
  /// `volumes` and `tmpfs` of a service.
  mutating func mounts(_ service: Node) -> [MountSpec] {
    var mounts: [MountSpec] = []
    var targets: Set<String> = []
    func add(_ mount: MountSpec, at: Position) {
      guard mount.target.hasPrefix("/"), mount.target != "/" else {
        let why = mount.target == "/" ? "cannot be the root" : "must be an absolute path"
        findings.error(
          at, "the path in the container \(why), not \(quoted(mount.target))",
          fix: mount.target == "/" ? "choose a directory below it" : "begin it with '/'")
        return
      }
      // Two of one path are reported by `Consistency`.
      if targets.insert(mount.target).inserted { mounts.append(mount) }
    }
    for item in service["volumes"]?.items ?? [] {
      let target = item["target"]?.string ?? ""
      let isReadOnly = item["read_only"]?.bool ?? false
      let source: MountSpec.Source
      switch item["type"]?.string {
      case "bind":
        source = .bind(
          path: item["source"]?.string ?? "", createIfMissing: item["bind"]?["create_host_path"]?.bool ?? true
        )
      case "tmpfs":
        let options = item["tmpfs"]
        source = .tmpfs(
          size: options?["size"]?.string.flatMap { UInt64($0) },
          mode: options?["mode"]?.int.map { UInt32($0) })
      case "image":
        guard let image = image(ofMount: item) else { continue }
        source = .image(image)
      default: source = item["source"]?.string.map { .volume(key: $0) } ?? .anonymous
      }
      var mount = MountSpec(source: source, target: target, isReadOnly: isReadOnly)
      mount.recursion = item["bind"]?["recursive"]?.string.flatMap(MountSpec.Recursion.init) ?? .enabled
      mount.propagation =
        item["bind"]?["propagation"]?.string.flatMap(MountSpec.Propagation.init) ?? .rprivate
      mount.subpath = subpath(item["volume"]?["subpath"] ?? item["image"]?["subpath"], source)
      mount.labels = labels(item["volume"]?.pair("labels"), source)
      mount.copiesImage = !isUncopied(item["volume"]?["nocopy"], source)
      add(mount, at: item.at)
    }
    for item in service["tmpfs"]?.items ?? [] {
      if let mount = tmpfs(item) { add(mount, at: item.at) }
    }
    return mounts
  }

  /// Whether a volume is not to be filled from the image. Of anything else it says nothing, which is reported.
  private mutating func isUncopied(_ node: Node?, _ source: MountSpec.Source) -> Bool {
    guard let node, node.bool == true else { return false }
    switch source {
    case .volume, .anonymous: return true
    case .bind, .tmpfs, .image:
      findings.error(node.at, "'nocopy' is for volumes: nothing is copied here anyhow", fix: "remove it")
      return false
    }
  }

  /// The image that a mount shows; nil where it is none, which is reported.
  private mutating func image(ofMount item: Node) -> ImageReference? {
    guard let written = item["source"], let text = written.string else {
      findings.error(item.at, "a mount of type image needs the image", fix: "add 'source: NAME'")
      return nil
    }
    return image(named: written, text)
  }

  /// Labels are for a volume that comes into being with the mount.
  private mutating func labels(_ pair: Node.Pair?, _ source: MountSpec.Source) -> [String: String] {
    guard let pair, !pair.value.pairs.isEmpty else { return [:] }
    if source == .anonymous { return texts(pair.value) }
    findings.warn(
      pair.keyAt, "'labels' has no effect here: the volume is declared at the top level",
      fix: "give it its labels there")
    return [:]
  }

  /// A part of a volume or an image; nil: the whole, or no part can be meant, which is reported.
  private mutating func subpath(_ node: Node?, _ source: MountSpec.Source) -> String? {
    guard let node, let text = node.string, !text.isEmpty else { return nil }
    switch source {
    case .volume, .image: break
    case .bind, .anonymous, .tmpfs:
      findings.error(node.at, "only a named volume has a part that is known", fix: "remove 'subpath'")
      return nil
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if text.utf8.contains(0) || parts.contains(where: { ["", ".", ".."].contains($0) }) {
      findings.error(
        node.at, "\(quoted(text)) does not lead down from its root", fix: "write such as data/today")
    }
    return text
  }

  /// `PATH[:OPTION,…]`.
  private mutating func tmpfs(_ node: Node) -> MountSpec? {
    let parts = (node.string ?? "").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    var size: UInt64?
    var mode: UInt32?
    var owner: UInt32?
    var group: UInt32?
    var isExecutable: Bool?
    var isReadOnly = false
    for option in parts.count > 1 ? parts[1].split(separator: ",") : [] {
      let halves = option.split(separator: "=", maxSplits: 1).map(String.init)
      switch (halves[0], halves.count > 1 ? halves[1] : nil) {
      case ("rw", nil), ("nosuid", nil), ("nodev", nil): break
      case ("noexec", nil): isExecutable = nil
      case ("exec", nil): isExecutable = true
      case ("ro", nil): isReadOnly = true
      case ("size", let text?):
        guard let bytes = ByteSize.parse(text) else {
          findings.error(node.at, "\(quoted(text)) is not a size for a tmpfs", fix: "write such as size=64m")
          return nil
        }
        size = bytes == 0 ? nil : bytes
      case ("mode", let text?):
        guard let bits = UInt32(text, radix: 8), bits <= 0o7777 else {
          findings.error(
            node.at, "\(quoted(text)) is not a file mode", fix: "write it octal, such as mode=1777")
          return nil
        }
        mode = bits
      case ("uid", let text?), ("gid", let text?):
        guard let number = UInt32(text), number < .max else {
          findings.error(
            node.at, "\(quoted(text)) is not the number of a user or group", fix: "write such as uid=1000")
          return nil
        }
        if halves[0] == "uid" { owner = number } else { group = number }
      default:
        findings.error(
          node.at, "the tmpfs option \(quoted(option)) is not supported yet",
          fix: "use 'size', 'mode', 'uid', 'gid', 'exec' and 'ro'")
        return nil
      }
    }
    return MountSpec(
      source: .tmpfs(size: size, mode: mode, owner: owner, group: group, isExecutable: isExecutable),
      target: Paths.clean(String(parts.first ?? "")),
      isReadOnly: isReadOnly)
  }
}
