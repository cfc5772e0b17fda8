internal import Stacks

extension Binder {
  /// `configs` and `secrets` of a service, with their content.
  mutating func files(_ service: Node) -> [FileMount] {
    var files: [FileMount] = []
    var targets: [String: Position] = [:]
    for (key, kind) in [("configs", FileMount.Kind.config), ("secrets", .secret)] {
      for item in service[key]?.items ?? [] {
        guard let name = item["source"]?.string, let content = content(of: name, in: key) else { continue }
        var target = item["target"]?.string ?? name
        if !target.hasPrefix("/") { target = (kind == .secret ? "/run/secrets/" : "/") + target }
        target = Paths.clean(target)
        if let earlier = targets.updateValue(item.at, forKey: target) {
          findings.error(
            item.at, "\(quoted(target)) is already a file of line \(earlier.line)",
            fix: "give one of them another 'target'")
        }
        files.append(
          FileMount(
            kind: kind, key: name, target: target, content: content, owner: identity(item["uid"], "user"),
            group: identity(item["gid"], "group"), mode: mode(item["mode"])))
      }
    }
    return files
  }

  /// The content of the config or secret that is declared as `name`; nil where there is none, which is
  /// reported, once.
  private mutating func content(of name: String, in section: String) -> FileContent? {
    let place = section + "/" + name
    if let known = contents[place] { return known }
    // One that is not declared is reported by `Consistency`.
    guard let declared = root[section]?[name] else { return nil }
    let found = read(declared, name, section)
    contents[place] = .some(found)
    if let found, found.bytes.count > FileContent.most {
      findings.error(
        declared.at,
        "\(quoted(name)) has \(found.bytes.count) bytes, and at most \(FileContent.most) are kept",
        fix: "mount it with 'volumes'")
    }
    return found
  }

  private mutating func read(_ declared: Node, _ name: String, _ section: String) -> FileContent? {
    let what = section == "configs" ? "config" : "secret"
    if let flag = declared.pair("external"), flag.value.bool == true {
      findings.error(
        flag.keyAt, "the \(what) \(quoted(name)) is external, and only stack files keep \(section) here",
        fix: "say where it comes from with 'file' or 'environment'")
      return nil
    }
    if let content = declared["content"]?.string { return FileContent(content) }
    if let variable = declared["environment"], let key = variable.string {
      guard let value = variables[key] else {
        findings.error(
          variable.at,
          "the variable \(quoted(key)), which the \(what) \(quoted(name)) comes from, is not set",
          fix: "set it in the environment or in an env file")
        return nil
      }
      return FileContent(value)
    }
    guard let file = declared["file"], let path = file.string else { return nil }
    switch access.read(path) {
    case .success(let bytes): return FileContent(bytes)
    case .failure(.absent):
      findings.error(file.at, "the file \(quoted(path)) of the \(what) does not exist", fix: "create it")
    case .failure(.unreadable(let why)):
      findings.error(file.at, "the file \(quoted(path)) of the \(what) cannot be read: \(why)")
    }
    return nil
  }

  /// The number of a user or a group; nil: nothing is said, or it is no number, which is reported.
  private mutating func identity(_ node: Node?, _ what: String) -> UInt32? {
    guard let node, let text = node.string, !text.isEmpty else { return nil }
    if text.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt32(text), number < 1 << 31 {
      return number
    }
    findings.error(node.at, "\(quoted(text)) is not the number of a \(what)", fix: "write such as \"1000\"")
    return nil
  }

  /// The permissions as a stack file writes them, octal; a file here is always read-only.
  private func mode(_ node: Node?) -> UInt32 {
    node?.string.flatMap { UInt32($0, radix: 8) }.map { $0 & 0o777 } ?? 0o444
  }
}

extension FileContent {
  /// How many bytes a config or secret may have.
  fileprivate static let most = 1 << 20
}
