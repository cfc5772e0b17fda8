/// Writes out what a service or a job implies: its network, what it depends on, what its hooks take
/// over from it.
enum Imply {
  static func service(_ pair: Node.Pair, _ surroundings: Surroundings) -> Node {
    var service = pair.value
    workload(&service, at: pair.keyAt, surroundings)
    implyDependencies(&service)
    inheritHooks(&service)
    return service
  }

  static func job(_ pair: Node.Pair, _ surroundings: Surroundings) -> Node {
    var job = pair.value
    workload(&job, at: pair.keyAt, surroundings)
    return job
  }

  private static func workload(_ node: inout Node, at: Position, _ surroundings: Surroundings) {
    if node["pull_policy"]?.string == "if_not_present" {
      node["pull_policy"]?.content = .scalar(.string("missing"))
    }
    let hasNetworks = node["networks"].map { !$0.pairs.isEmpty } ?? false
    if !hasNetworks, node["network_mode"] == nil, node["provider"] == nil {
      node["networks"] = Node(.map([Node.Pair("default", Node(.scalar(.null), at: at))]), at: at)
    }
    guard var build = node["build"] else { return }
    if build["context"] == nil { build["context"] = Node(surroundings.directory, at: build.at) }
    if build["dockerfile"] == nil, build["dockerfile_inline"] == nil {
      build["dockerfile"] = Node("Dockerfile", at: build.at)
    }
    // An argument without a value takes the caller's, and is none where the caller has none.
    if let arguments = build["args"] {
      let kept = arguments.pairs.compactMap { pair -> Node.Pair? in
        guard pair.value.isNull else { return pair }
        return surroundings.variables[pair.key].map {
          Node.Pair(pair.key, Node($0, at: pair.keyAt), at: pair.keyAt)
        }
      }
      build["args"] = kept.isEmpty ? nil : Node(.map(kept), at: arguments.at)
    }
    node["build"] = build.sorted
  }

  /// A service must run whose network, namespaces, volumes or name another one uses.
  private static func implyDependencies(_ service: inout Node) {
    var dependencies = service["depends_on"]?.pairs ?? []
    func add(_ name: String, at: Position, restart: Bool) {
      guard !dependencies.contains(where: { $0.key == name }) else { return }
      let dependency = Forms.dependency(at: at, restart: restart)
      dependencies.append(Node.Pair(name, dependency.sorted, at: at))
    }
    for link in service["links"]?.items ?? [] {
      let parts = (link.string ?? "").split(separator: ":", omittingEmptySubsequences: false)
      add(parts.count == 2 ? String(parts[0]) : link.string ?? "", at: link.at, restart: true)
    }
    for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
      guard let node = service[key], let text = node.string, text.hasPrefix("service:") else { continue }
      add(String(text.dropFirst(8)), at: node.at, restart: true)
    }
    for entry in service["volumes_from"]?.items ?? [] {
      guard let text = entry.string, !text.hasPrefix("container:") else { continue }
      add(String(text.prefix { $0 != ":" }), at: entry.at, restart: false)
    }
    guard !dependencies.isEmpty else { return }
    let at = service["depends_on"]?.at ?? service.at
    service["depends_on"] = Node(.map(dependencies.sorted { $0.key < $1.key }), at: at)
  }

  /// A hook before the start is a container like the service's: it has all of its settings but the
  /// volumes, under its own.
  private static func inheritHooks(_ service: inout Node) {
    guard let hooks = service["pre_start"] else { return }
    let settings = service.pairs.filter { Forms.containerRows[$0.key] != nil && $0.key != "volumes" }
    let base = Node(.map(settings), at: service.at)
    service["pre_start"]?.content = .list(
      hooks.items.map { Merge.apply(base, $0, shape: .object { Forms.hookSettings }).sorted })
  }
}
