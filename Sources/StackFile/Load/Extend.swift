extension ModelLoader {
  /// Where a service that is extended is looked up.
  private enum Origin {
    /// In the file at hand, whose services are in canonical form.
    case here
    /// In another file; only what is used of it is looked at.
    case file(path: String, name: String, services: [String: Node.Pair])
  }

  /// What has been found so far, so that nothing is read or merged twice.
  private struct Known {
    var services: [String: Node.Pair]
    var files: [String: Origin] = [:]
    var finished: [[String]: Node] = [:]
  }

  /// Puts under each service of the tree what it extends.
  mutating func extendServices(_ tree: inout Node, _ scope: Scope) {
    guard let services = tree["services"], services.pairs.contains(where: { $0.value["extends"] != nil })
    else { return }
    var known = Known(services: [:])
    for pair in services.pairs { known.services[pair.key] = pair }
    let pairs = services.pairs.map { pair in
      guard pair.value["extends"] != nil else { return pair }
      let value = extended(pair, in: .here, scope, [["", pair.key]], &known)
      return Node.Pair(pair.key, value, at: pair.keyAt)
    }
    tree["services"]?.content = .map(pairs)
  }

  /// The service over what it extends; without that where it cannot be found, which is reported.
  private mutating func extended(
    _ pair: Node.Pair, in origin: Origin, _ scope: Scope, _ trail: [[String]], _ known: inout Known
  ) -> Node {
    guard let reference = pair.value["extends"], reference.mark != .reset else { return pair.value }
    var own = pair.value
    own["extends"] = nil
    guard !findings.isFaulty(reference.at), let nameNode = reference["service"], let name = nameNode.string
    else {
      findings.markFaulty(own.at)
      return own
    }
    var target = origin
    var targetScope = scope
    if let file = reference["file"] {
      let path = Paths.join(scope.directory, file.string ?? "")
      guard let found = load(file, path, scope, &known) else {
        findings.markFaulty(own.at)
        return own
      }
      target = found
      targetScope.directory = Paths.parent(of: path)
    }
    let path = if case .file(let path, _, _) = target { path } else { "" }
    let key = [path, name]
    if trail.contains(key) {
      findings.markFaulty(own.at)
      let circle = (trail.drop { $0 != key } + [key]).map { $0[1] }.joined(separator: " -> ")
      findings.error(
        reference.at, "the services extend each other in a circle: \(circle)", fix: "remove one 'extends'")
      return own
    }
    guard trail.count < ModelLoader.depthBudget else {
      findings.error(reference.at, "services extend each other more than \(ModelLoader.depthBudget) deep")
      return own
    }
    if let finished = known.finished[key] { return merged(finished, own) }
    guard let base = service(name, in: target, targetScope, nameNode, known) else {
      findings.markFaulty(own.at)
      return own
    }
    // As Docker Compose has it: there is nothing to extend, and so it stays written.
    if base.value.isNull {
      own["extends"] = reference
      if let file = reference["file"] {
        own["extends"]?["file"] = Node(Paths.join(scope.directory, file.string ?? ""), at: file.at)
      }
      return own
    }
    let finished = extended(base, in: target, targetScope, trail + [key], &known).unmarked
    known.finished[key] = finished
    return merged(finished, own)
  }

  private mutating func merged(_ base: Node, _ own: Node) -> Node {
    if findings.isFaulty(base.at) { findings.markFaulty(own.at) }
    return Merge.apply(base, own, shape: .object { Forms.service })
  }

  /// The service in canonical form, without what it extends.
  private mutating func service(
    _ name: String, in origin: Origin, _ scope: Scope, _ node: Node, _ known: Known
  ) -> Node.Pair? {
    switch origin {
    case .here:
      if let pair = known.services[name] { return pair }
      let near = nearest(to: name, among: known.services.keys).map { "did you mean '\($0)'?" }
      findings.error(node.at, "there is no service \(quoted(name)) to extend", fix: near)
      return nil
    case .file(_, let file, let services):
      guard let pair = services[name] else {
        let near = nearest(to: name, among: services.keys).map { "did you mean '\($0)'?" }
        findings.error(node.at, "there is no service \(quoted(name)) in \(quoted(file)) to extend", fix: near)
        return nil
      }
      let expanded = interpolated(pair.value, scope)
      let form = Form(.object { Forms.service }) { Forms.service.check($0, $1, &$2) }
      guard let value = canonical(expanded, form, scope, key: name) else { return nil }
      return Node.Pair(pair.key, value, at: pair.keyAt)
    }
  }

  /// The services of another file as they are written there.
  private mutating func load(_ node: Node, _ path: String, _ scope: Scope, _ known: inout Known) -> Origin? {
    if let origin = known.files[path] { return origin }
    guard let file = file(node, path) else { return nil }
    guard let documents = reader.documents(of: file, &findings) else { return nil }
    var services: [String: Node.Pair] = [:]
    for document in documents {
      for pair in document["services"]?.pairs ?? [] { services[pair.key] = pair }
    }
    guard documents.contains(where: { $0["services"] != nil }) else {
      findings.error(node.at, "the file \(quoted(file.name)) has no services to extend")
      return nil
    }
    let origin = Origin.file(path: path, name: file.name, services: services)
    known.files[path] = origin
    return origin
  }
}
