/// Makes the document of the merged tree and its surroundings: profiles applied, what is implied
/// written out, env files read, names filled in, unused resources left out.
struct Assembly {
  let request: LoadRequest
  let surroundings: Surroundings
  let name: String
  private var activeProfiles: Set<String> = []

  init(request: LoadRequest, surroundings: Surroundings, name: String) {
    self.request = request
    self.surroundings = surroundings
    self.name = name
  }

  mutating func assemble(_ root: Node, _ findings: inout Findings, _ reader: inout FileReader) -> Node {
    let services = root["services"]?.pairs ?? []
    let active = activeServices(services, root["jobs"]?.pairs ?? [], &findings)
    let files = EnvFiles(surroundings: surroundings)
    var kept: [Node.Pair] = []
    for pair in services where active.contains(pair.key) || !request.interpolates {
      var service = Imply.service(pair, surroundings)
      if request.interpolates {
        files.resolveEnvironment(&service, &findings, &reader)
        files.resolveLabels(&service, &findings, &reader)
      }
      kept.append(Node.Pair(pair.key, service.sorted, at: pair.keyAt))
    }
    var pairs = [Node.Pair("name", Node(name, at: root.at))]
    func add(_ key: String, _ entries: [Node.Pair]) {
      guard !entries.isEmpty else { return }
      let declared = root.pair(key)
      let section = Node(.map(entries), at: declared?.value.at ?? root.at)
      pairs.append(Node.Pair(key, section, at: declared?.keyAt ?? root.at))
    }
    var jobs: [Node.Pair] = []
    for pair in root["jobs"]?.pairs ?? [] where isActive(pair.value) || !request.interpolates {
      var job = Imply.job(pair, surroundings)
      // Docker Compose leaves it to the run.
      if request.bindsStack {
        files.resolveEnvironment(&job, &findings, &reader)
        files.resolveLabels(&job, &findings, &reader)
      }
      jobs.append(Node.Pair(pair.key, job.sorted, at: pair.keyAt))
    }
    // Docker Compose leaves out of 'config' what only jobs use.
    let uses = Uses(request.bindsStack ? kept + jobs : kept)
    for key in Uses.sections {
      var names = uses.names[key] ?? []
      if !request.interpolates { names.formUnion(root[key]?.pairs.map(\.key) ?? []) }
      add(key, used(root[key], names, in: key, at: root.at))
    }
    add("jobs", jobs)
    pairs.append(Node.Pair("services", Node(.map(kept), at: root["services"]?.at ?? root.at)))
    let rest = pairs.dropFirst().sorted { $0.key < $1.key }
    return Node(.map(pairs.prefix(1) + rest + root.pairs.filter { $0.key.hasPrefix("x-") }), at: root.at)
  }

  /// The services without profiles, those with an active one, and those that were named.
  private mutating func activeServices(
    _ services: [Node.Pair], _ jobs: [Node.Pair], _ findings: inout Findings
  ) -> Set<String> {
    let listed = surroundings.variables["COMPOSE_PROFILES"] ?? ""
    activeProfiles.formUnion(request.activeProfiles)
    activeProfiles.formUnion(listed.split(separator: ",").map { $0.trimmingSpaces })
    for target in request.targetedServices {
      if let pair = (services + jobs).first(where: { $0.key == target }) {
        activeProfiles.formUnion(self.profiles(of: pair.value))
      } else {
        let near = nearest(to: target, among: services.map(\.key)).map { "did you mean '\($0)'?" }
        findings.error(nil, "there is no service \(quoted(target)) in this stack", fix: near)
      }
    }
    return Set(services.filter { isActive($0.value) }.map(\.key))
  }

  /// Whether it has no profile, or an active one.
  private func isActive(_ node: Node) -> Bool {
    let own = profiles(of: node)
    return own.isEmpty || activeProfiles.contains("*") || !activeProfiles.isDisjoint(with: own)
  }

  private func profiles(of service: Node) -> [String] {
    service["profiles"]?.items.compactMap(\.string) ?? []
  }

  /// The declarations that are used, each with its name on the machine.
  private func used(_ declared: Node?, _ names: Set<String>, in section: String, at: Position) -> [Node.Pair]
  {
    var declarations = declared?.pairs ?? []
    if section == "networks", !declarations.contains(where: { $0.key == "default" }) {
      declarations.append(Node.Pair("default", Node(.map([]), at: at)))
    }
    return declarations.filter { names.contains($0.key) }.map { pair in
      var resource = pair.value.isNull ? Node(.map([]), at: pair.value.at) : pair.value
      if section != "models", resource["name"] == nil {
        let isExternal = resource["external"]?.bool == true
        resource["name"] = Node(isExternal ? pair.key : "\(name)_\(pair.key)", at: pair.keyAt)
      }
      return Node.Pair(pair.key, resource.sorted, at: pair.keyAt)
    }.sorted { $0.key < $1.key }
  }
}

/// Which top-level declarations the services use, by section.
struct Uses {
  static let sections = ["networks", "volumes", "configs", "secrets", "models"]
  private(set) var names: [String: Set<String>] = [:]

  init(_ services: [Node.Pair]) {
    for service in services.map(\.value) {
      names["networks", default: []].formUnion(service["networks"]?.pairs.map(\.key) ?? [])
      names["models", default: []].formUnion(service["models"]?.pairs.map(\.key) ?? [])
      let volumes = service["volumes"]?.items.filter { $0["type"]?.string == "volume" } ?? []
      add(volumes, to: "volumes")
      add(service["configs"]?.items, to: "configs")
      add(service["secrets"]?.items, to: "secrets")
      add(service["build"]?["secrets"]?.items, to: "secrets")
    }
  }

  private mutating func add(_ references: [Node]?, to section: String) {
    names[section, default: []].formUnion(references?.compactMap { $0["source"]?.string } ?? [])
  }
}

extension Node {
  /// The map with its keys in order.
  var sorted: Node {
    guard case .map(let pairs) = content else { return self }
    var node = self
    node.content = .map(pairs.sorted { $0.key < $1.key })
    return node
  }
}

extension Substring {
  /// Without spaces at both ends.
  var trimmingSpaces: String {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
