/// What the whole file declares, active or not.
struct Declarations {
  /// The profiles of each service.
  var services: [String: [String]] = [:]
  var networks: Set<String> = ["default"]
  var volumes: Set<String> = []
  var configs: Set<String> = []
  var secrets: Set<String> = []
  var models: Set<String> = []
  /// The networks with a subnet, or that exist already: only there an address can be chosen.
  var addressable: Set<String> = []
  /// The same for IPv6 addresses.
  var addressable6: Set<String> = []

  init(_ root: Node) {
    for pair in root["services"]?.pairs ?? [] {
      services[pair.key] = pair.value["profiles"]?.items.compactMap(\.string) ?? []
    }
    for pair in root["networks"]?.pairs ?? [] {
      networks.insert(pair.key)
      let subnets = pair.value["ipam"]?["config"]?.items.compactMap { $0["subnet"]?.string } ?? []
      let isExternal = pair.value["external"] != nil
      if isExternal || subnets.contains(where: { !$0.contains(":") }) { addressable.insert(pair.key) }
      if isExternal || subnets.contains(where: { $0.contains(":") }) { addressable6.insert(pair.key) }
    }
    volumes = Set(root["volumes"]?.pairs.map(\.key) ?? [])
    configs = Set(root["configs"]?.pairs.map(\.key) ?? [])
    secrets = Set(root["secrets"]?.pairs.map(\.key) ?? [])
    models = Set(root["models"]?.pairs.map(\.key) ?? [])
  }
}

/// What no value can be wrong about alone: names that must be declared, values that must agree.
/// These are the rules of the Compose Specification; those of this runtime are in `Conflicts`.
enum Consistency {
  static func check(_ root: Node, _ declared: Declarations, _ findings: inout Findings) {
    let services = (root["services"]?.pairs ?? []).sorted { $0.keyAt < $1.keyAt }
    let names = Set(services.map(\.key))
    for pair in services {
      image(of: pair, &findings)
      build(of: pair, services, declared, &findings)
      networks(of: pair, declared, &findings)
      volumes(of: pair, declared, &findings)
      references(of: pair, declared, &findings)
      dependencies(of: pair, among: names, declared, &findings)
      replicas(of: pair, &findings)
      limits(of: pair, &findings)
      watches(of: pair, &findings)
      mounts(of: pair, &findings)
      for entry in pair.value["pre_start"]?.items ?? [] {
        let step = Node.Pair(pair.key, entry, at: entry.at)
        networks(of: step, declared, &findings)
        volumes(of: step, declared, &findings)
        references(of: step, declared, &findings)
        mounts(of: step, &findings)
      }
    }
    cycles(services, &findings)
    containerNames(services, &findings)
  }

  /// The same for jobs, as far as it is about them.
  static func checkJobs(_ root: Node, _ declared: Declarations, _ findings: inout Findings) {
    let services = Set(root["services"]?.pairs.map(\.key) ?? [])
    for pair in (root["jobs"]?.pairs ?? []).sorted(by: { $0.keyAt < $1.keyAt }) {
      if services.contains(pair.key) {
        findings.error(
          pair.keyAt, "there is a service \(quoted(pair.key)) too", fix: "choose another name for the job")
      }
      image(of: pair, &findings, kind: "job")
      networks(of: pair, declared, &findings)
      volumes(of: pair, declared, &findings)
      references(of: pair, declared, &findings)
      dependencies(of: pair, kind: "job", among: services, declared, &findings)
      mounts(of: pair, &findings)
    }
  }

  private static func networks(of pair: Node.Pair, _ declared: Declarations, _ findings: inout Findings) {
    if let mode = pair.value.pair("network_mode"), pair.value["networks"].map({ !$0.pairs.isEmpty }) == true {
      findings.error(
        mode.keyAt, "'network_mode' and 'networks' exclude each other", fix: "keep one of the two")
    }
    for network in pair.value["networks"]?.pairs ?? [] {
      guard declared.networks.contains(network.key) else {
        findings.error(
          network.keyAt, "the network \(quoted(network.key)) is not declared",
          fix: mend(network.key, among: declared.networks, section: "networks"))
        continue
      }
    }
  }

  private static func volumes(of pair: Node.Pair, _ declared: Declarations, _ findings: inout Findings) {
    for volume in pair.value["volumes"]?.items ?? [] where volume["type"]?.string == "volume" {
      guard let source = volume["source"], let name = source.string, !declared.volumes.contains(name) else {
        continue
      }
      let fix =
        name.contains("/")
        ? "for a directory of the host write './\(name)'"
        : mend(name, among: declared.volumes, section: "volumes")
      findings.error(source.at, "the volume \(quoted(name)) is not declared", fix: fix)
    }
  }

  static func mend(_ name: String, among names: Set<String>, section: String) -> String {
    nearest(to: name, among: names).map { "did you mean '\($0)'?" }
      ?? "add '\(name):' under the top-level '\(section):'"
  }

  private static func dependencies(
    of pair: Node.Pair, kind: String = "service", among services: Set<String>, _ declared: Declarations,
    _ findings: inout Findings
  ) {
    for dependency in pair.value["depends_on"]?.pairs ?? []
    where !services.contains(dependency.key) {
      let isRequired = dependency.value["required"]?.bool != false
      let who = "the \(kind) \(quoted(pair.key)) depends on \(quoted(dependency.key))"
      if let profiles = declared.services[dependency.key] {
        guard isRequired else { continue }
        findings.error(
          dependency.keyAt, who + ", whose profile is not active",
          fix: "activate \(alternatives(profiles)) with '--profile', or write 'required: false'")
        continue
      }
      let near = nearest(to: dependency.key, among: declared.services.keys).map { "did you mean '\($0)'?" }
      if isRequired {
        findings.error(
          dependency.keyAt, who + ", which is not declared",
          fix: near ?? "declare it under 'services:' or remove the dependency")
      } else if near != nil {
        // One that is not required may be missing: 'config' leaves out what is not active.
        findings.warn(dependency.keyAt, who + ", which is not declared", fix: near)
      }
    }
  }

  private static func replicas(of pair: Node.Pair, _ findings: inout Findings) {
    let scale = pair.value["scale"]
    let deployed = pair.value["deploy"]?["replicas"]
    if let scale, let deployed, scale.int != deployed.int {
      findings.error(
        scale.at, "'scale' and 'deploy.replicas' have distinct values", fix: "keep one of the two")
    }
    guard let count = (scale ?? deployed)?.int, count > 1 else { return }
    if let name = pair.value["container_name"] {
      findings.error(
        name.at, "\(count) replicas cannot all have the name \(quoted(name.string ?? ""))",
        fix: "remove 'container_name', or keep one replica")
    }
  }

  private static func containerNames(_ services: [Node.Pair], _ findings: inout Findings) {
    var owners: [String: String] = [:]
    for pair in services {
      guard let node = pair.value["container_name"], let name = node.string else { continue }
      if let owner = owners[name] {
        findings.error(
          node.at, "the services \(quoted(owner)) and \(quoted(pair.key)) have the same 'container_name'",
          fix: "choose another name for one")
      }
      owners[name] = pair.key
    }
  }
}
