extension StackDocument {
  /// The stack's name.
  public var name: String { root["name"]?.string ?? "" }
  /// What `${…}` is replaced from, as `NAME=VALUE`, sorted.
  public var environment: [String] { variables.map { "\($0.key)=\($0.value)" }.sorted() }
  /// The names of the services, sorted.
  public var services: [String] { names(in: "services") }
  /// The names of the jobs, sorted.
  public var jobs: [String] { names(in: "jobs") }
  /// The keys of the networks that are used, sorted.
  public var networks: [String] { names(in: "networks") }
  /// The keys of the named volumes that are used, sorted.
  public var volumes: [String] { names(in: "volumes") }
  /// The keys of the models that are used, sorted.
  public var models: [String] { names(in: "models") }

  /// The images of the services, sorted; one that is built has the name `PROJECT-SERVICE`.
  public var images: [String] {
    let images = (root["services"]?.pairs ?? []).compactMap { pair -> String? in
      pair.value["image"]?.string ?? (pair.value["build"] == nil ? nil : "\(name)-\(pair.key)")
    }
    return Set(images).sorted()
  }

  /// All profiles that services and jobs are in, active or not, sorted.
  public var profiles: [String] {
    let entries = ["services", "jobs"].flatMap { declared[$0]?.pairs ?? [] }
    return Set(entries.flatMap { $0.value["profiles"]?.items.compactMap(\.string) ?? [] }).sorted()
  }

  private func names(in section: String) -> [String] { (root[section]?.pairs.map(\.key) ?? []).sorted() }

  /// The document with only these services and what they depend on, and with what those use.
  public func selecting(_ names: [String]) -> StackDocument {
    guard !names.isEmpty, let services = root["services"] else { return self }
    var found: Set<String> = []
    var rest = names
    while let name = rest.popLast() {
      guard let service = services[name], found.insert(name).inserted else { continue }
      rest += service["depends_on"]?.pairs.map(\.key) ?? []
    }
    let kept = services.pairs.filter { found.contains($0.key) }
    let uses = Uses(kept)
    var copy = self
    copy.root["services"]?.content = .map(kept)
    for section in Uses.sections {
      let used = (root[section]?.pairs ?? []).filter { uses.names[section]?.contains($0.key) == true }
      copy.root[section] = used.isEmpty ? nil : Node(.map(used), at: root[section]?.at ?? root.at)
    }
    return copy
  }
}
