/// Turns a service's `env_file` and `environment` into the one map that counts, and its labels too.
struct EnvFiles {
  let surroundings: Surroundings

  /// Replaces both keys by `environment`. A name without value takes the caller's; what then has
  /// none stays null. `environment` wins over the files, a later file over an earlier one.
  func resolveEnvironment(_ service: inout Node, _ findings: inout Findings, _ reader: inout FileReader) {
    let own = service["environment"]
    let list = service["env_file"]
    guard own != nil || list != nil else { return }
    var result: [String: Node.Pair] = [:]
    var known: [String: String] = [:]
    var ownPairs: [Node.Pair] = []
    for var pair in own?.pairs ?? [] {
      if pair.value.isNull, let value = surroundings.variables[pair.key] {
        pair.value = Node(value, at: pair.keyAt)
      }
      known[pair.key] = pair.value.string
      ownPairs.append(pair)
    }
    if let list {
      // A variable in a file is the caller's, the service's own, or that of an earlier line.
      let variables = surroundings.variables
      let lookup: (String) -> String? = { variables[$0] ?? known[$0] }
      var values: [String: String] = [:]
      for entry in list.items {
        let isRaw = entry["format"]?.string == "raw"
        let isRequired = entry["required"]?.bool != false
        guard let path = entry["path"] else { continue }
        guard let bytes = read(path, "env file", isRequired: isRequired, &findings, &reader) else { continue }
        let more = DotEnv.read(
          bytes.content, file: findings.add(file: bytes.name), isRaw: isRaw, earlier: values, lookup: lookup,
          findings: &findings)
        for (name, value) in more {
          values[name] = value
          result[name] = Node.Pair(name, Node(value, at: entry.at), at: entry.at)
        }
      }
    }
    for pair in ownPairs { result[pair.key] = pair }
    service["env_file"] = nil
    let at = (own ?? list)?.at ?? service.at
    service["environment"] =
      result.isEmpty ? nil : Node(.map(result.values.sorted { $0.key < $1.key }), at: at)
  }

  /// Puts the labels of `label_file` under those that are written in the stack file.
  func resolveLabels(_ service: inout Node, _ findings: inout Findings, _ reader: inout FileReader) {
    guard let list = service["label_file"] else { return }
    var result: [String: Node.Pair] = [:]
    for path in list.items {
      guard let bytes = read(path, "label file", isRequired: true, &findings, &reader) else { continue }
      let known = result.compactMapValues(\.value.string)
      let more = DotEnv.read(
        bytes.content, file: findings.add(file: bytes.name), lookup: { known[$0] }, findings: &findings)
      for (name, value) in more { result[name] = Node.Pair(name, Node(value, at: path.at), at: path.at) }
    }
    for pair in service["labels"]?.pairs ?? [] { result[pair.key] = pair }
    let at = service["labels"]?.at ?? list.at
    service["labels"] = result.isEmpty ? nil : Node(.map(result.values.sorted { $0.key < $1.key }), at: at)
  }

  private func read(
    _ path: Node, _ what: String, isRequired: Bool, _ findings: inout Findings, _ reader: inout FileReader
  ) -> (name: String, content: [UInt8])? {
    let text = path.string ?? ""
    let name = reader.shown(text)
    switch reader.bytes(text, as: name) {
    case .success(let bytes): return (name, bytes)
    case .failure(.absent):
      if isRequired {
        let optional = what == "env file" ? ", or write it as 'path:' with 'required: false'" : ""
        findings.error(path.at, "the \(what) \(quoted(text)) does not exist", fix: "create it" + optional)
      }
    case .failure(.unreadable(let why)):
      findings.error(path.at, "the \(what) \(quoted(text)) cannot be read: \(why)")
    }
    return nil
  }
}
