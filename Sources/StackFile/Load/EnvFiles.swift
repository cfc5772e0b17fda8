/// Turns a service's `env_file` and `environment` into the one map that counts.
struct EnvFiles {
  let access: FileAccess
  let surroundings: Surroundings
  let workingDirectory: String

  /// Replaces both keys by `environment`. A name without value takes the caller's; what then has
  /// none stays null. `environment` wins over the files, a later file over an earlier one.
  mutating func resolve(_ fields: inout [Node.Pair], _ findings: inout Findings, _ sources: inout SourceTexts)
  {
    var own: [String: Node.Pair] = [:]
    let at = fields.first { $0.key == "environment" }
    for pair in at?.value.pairs ?? [] {
      var pair = pair
      if pair.value.isNull, let value = surroundings.variables[pair.key] {
        pair.value = Node(value, at: pair.keyAt)
      }
      own[pair.key] = pair
    }
    let list = fields.first { $0.key == "env_file" }
    // A variable in a file is the caller's, the service's own, or that of an earlier line.
    let known = surroundings.variables.merging(own.compactMapValues { $0.value.string }) { caller, _ in caller
    }
    var values: [String: String] = [:]
    var result: [String: Node.Pair] = [:]
    for entry in list?.value.items ?? [] {
      for (name, value) in read(entry, known, values, &findings, &sources) {
        values[name] = value
        result[name] = Node.Pair(name, Node(value, at: entry.at))
      }
    }
    result.merge(own) { $1 }
    fields.removeAll { $0.key == "env_file" || $0.key == "environment" }
    guard !result.isEmpty, let origin = at ?? list else { return }
    let map = Node(.map(result.values.sorted { $0.key < $1.key }), at: origin.value.at)
    fields.append(Node.Pair("environment", map, at: origin.keyAt))
  }

  private func read(
    _ entry: Node, _ known: [String: String], _ earlier: [String: String], _ findings: inout Findings,
    _ sources: inout SourceTexts
  ) -> [String: String] {
    guard let written = entry["path"] else { return [:] }
    let path = surroundings.resolve(written.string ?? "")
    let isRequired = entry["required"]?.bool != false
    switch access.read(path) {
    case .success(let bytes):
      let prefix = workingDirectory + "/"
      let name = path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
      sources.add(bytes, as: name)
      return DotEnv.read(
        bytes, file: findings.add(file: name), isRaw: entry["format"]?.string == "raw", earlier: earlier,
        lookup: { known[$0] }, findings: &findings)
    case .failure(.absent):
      if isRequired {
        findings.error(
          written.at, "the env file \(quoted(path)) does not exist",
          fix: "create it, or write it as 'path:' with 'required: false'")
      }
    case .failure(.unreadable(let why)):
      findings.error(written.at, "the env file \(quoted(path)) cannot be read: \(why)")
    }
    return [:]
  }
}
