/// Makes one document of the checked file and its surroundings: profiles applied, env files read,
/// default network and names filled in, unused networks and volumes left out.
struct Assembly {
  let request: LoadRequest
  let surroundings: Surroundings
  let name: String

  mutating func assemble(_ root: Node, _ findings: inout Findings, _ sources: inout SourceTexts) -> Node {
    let services = root["services"]?.pairs ?? []
    let active = activeServices(services, &findings)
    var files = EnvFiles(
      access: request.access, surroundings: surroundings, workingDirectory: request.workingDirectory)
    var kept: [Node.Pair] = []
    for pair in services where active.contains(pair.key) {
      var fields = pair.value.pairs
      files.resolve(&fields, &findings, &sources)
      dropAbsent(&fields, active, services)
      if !fields.contains(where: { $0.key == "networks" && !$0.value.pairs.isEmpty }) {
        let attachment = Node.Pair("default", Node(.scalar(.null), at: pair.keyAt))
        fields.removeAll { $0.key == "networks" }
        fields.append(Node.Pair("networks", Node(.map([attachment]), at: pair.keyAt)))
      }
      let service = Node(.map(fields.sorted { $0.key < $1.key }), at: pair.value.at)
      kept.append(Node.Pair(pair.key, service, at: pair.keyAt))
    }
    var pairs = [Node.Pair("name", Node(name, at: root.at))]
    let networks = used(
      root["networks"], Set(kept.flatMap { $0.value["networks"]?.pairs.map(\.key) ?? [] }),
      implied: "default", at: root.at)
    let volumes = used(
      root["volumes"], Set(kept.flatMap { volumeNames($0.value) }), implied: nil, at: root.at)
    if !networks.isEmpty { pairs.append(Node.Pair("networks", Node(.map(networks), at: root.at))) }
    pairs.append(Node.Pair("services", Node(.map(kept), at: root["services"]?.at ?? root.at)))
    if !volumes.isEmpty { pairs.append(Node.Pair("volumes", Node(.map(volumes), at: root.at))) }
    pairs += root.pairs.filter { $0.key.hasPrefix("x-") }
    return Node(.map(pairs), at: root.at)
  }

  private func volumeNames(_ service: Node) -> [String] {
    (service["volumes"]?.items ?? []).compactMap {
      $0["type"]?.string == "volume" ? $0["source"]?.string : nil
    }
  }

  /// The services without profiles, those with an active one, and those that were named.
  private func activeServices(_ services: [Node.Pair], _ findings: inout Findings) -> Set<String> {
    var profiles = Set(request.activeProfiles)
    let listed = surroundings.variables["COMPOSE_PROFILES"] ?? ""
    profiles.formUnion(listed.split(separator: ",").map { $0.trimmingSpaces })
    for target in request.targetedServices {
      if let pair = services.first(where: { $0.key == target }) {
        profiles.formUnion(self.profiles(of: pair.value))
      } else {
        let near = nearest(to: target, among: services.map(\.key)).map { "did you mean '\($0)'?" }
        findings.error(nil, "there is no service \(quoted(target)) in this stack", fix: near)
      }
    }
    return Set(
      services.filter {
        let own = self.profiles(of: $0.value)
        return own.isEmpty || profiles.contains("*") || !profiles.isDisjoint(with: own)
      }.map(\.key))
  }

  private func profiles(of service: Node) -> [String] {
    service["profiles"]?.items.compactMap(\.string) ?? []
  }

  /// Leaves out dependencies that are not required on services that are declared and not active.
  private func dropAbsent(_ fields: inout [Node.Pair], _ active: Set<String>, _ services: [Node.Pair]) {
    guard let i = fields.firstIndex(where: { $0.key == "depends_on" }) else { return }
    let kept = fields[i].value.pairs.filter { active.contains($0.key) || $0.value["required"]?.bool != false }
    if kept.isEmpty {
      fields.remove(at: i)
    } else {
      fields[i].value = Node(.map(kept), at: fields[i].value.at)
    }
  }

  /// The declarations that are used, each with its name on the machine.
  private func used(_ declared: Node?, _ names: Set<String>, implied: String?, at: Position) -> [Node.Pair] {
    var declarations = declared?.pairs ?? []
    if let implied, !declarations.contains(where: { $0.key == implied }) {
      declarations.append(Node.Pair(implied, Node(.map([]), at: at)))
    }
    return declarations.filter { names.contains($0.key) }.map { pair in
      var fields = pair.value.pairs
      if !fields.contains(where: { $0.key == "name" }) {
        let isExternal = pair.value["external"]?.bool == true
        fields.append(Node.Pair("name", Node(isExternal ? pair.key : "\(name)_\(pair.key)", at: pair.keyAt)))
      }
      return Node.Pair(
        pair.key, Node(.map(fields.sorted { $0.key < $1.key }), at: pair.value.at), at: pair.keyAt)
    }.sorted { $0.key < $1.key }
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
