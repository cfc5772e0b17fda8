extension Consistency {
  /// A service has an image, is built, or is provided by another program.
  static func image(of pair: Node.Pair, _ findings: inout Findings, kind: String = "service") {
    let service = pair.value
    guard service["image"] == nil, service["build"] == nil, service["provider"] == nil,
      !findings.isFaulty(service.at)
    else { return }
    findings.error(
      pair.keyAt, "the \(kind) \(quoted(pair.key)) has no image",
      fix: "add 'image: NAME'")
  }

  static func build(
    of pair: Node.Pair, _ services: [Node.Pair], _ declared: Declarations, _ findings: inout Findings
  ) {
    guard let build = pair.value["build"] else { return }
    if let inline = build.pair("dockerfile_inline"), build["dockerfile"] != nil {
      findings.error(
        inline.keyAt, "'dockerfile' and 'dockerfile_inline' exclude each other", fix: "keep one of the two")
    }
    for context in build["additional_contexts"]?.pairs ?? [] {
      guard let text = context.value.string, text.hasPrefix("service:") else { continue }
      let name = String(text.dropFirst(8))
      guard let other = services.first(where: { $0.key == name }) else {
        let near = nearest(to: name, among: services.map(\.key)).map { "did you mean '\($0)'?" }
        findings.error(context.value.at, "there is no service \(quoted(name)) to build with", fix: near)
        continue
      }
      if other.value["build"] == nil {
        findings.error(
          context.value.at, "the service \(quoted(name)) is not built",
          fix: "add 'build:' to it, or name an image")
      }
    }
    let platforms = build["platforms"]?.items.compactMap(\.string) ?? []
    if let platform = pair.value["platform"], !platforms.isEmpty, !platforms.contains(platform.string ?? "") {
      findings.error(
        platform.at, "'build.platforms' lacks the platform \(quoted(platform.string ?? ""))",
        fix: "add it there")
    }
    for secret in build["secrets"]?.items ?? [] {
      reference(secret["source"], to: "secret", among: declared.secrets, &findings)
    }
  }

  /// Configs, secrets and models must be declared, and so must the service whose network is shared.
  static func references(of pair: Node.Pair, _ declared: Declarations, _ findings: inout Findings) {
    for entry in pair.value["configs"]?.items ?? [] {
      reference(entry["source"], to: "config", among: declared.configs, &findings)
    }
    for entry in pair.value["secrets"]?.items ?? [] {
      reference(entry["source"], to: "secret", among: declared.secrets, &findings)
    }
    for entry in pair.value["models"]?.pairs ?? [] {
      reference(Node(entry.key, at: entry.keyAt), to: "model", among: declared.models, &findings)
    }
  }

  private static func reference(
    _ node: Node?, to what: String, among names: Set<String>, _ findings: inout Findings
  ) {
    guard let node, let name = node.string, !names.contains(name) else { return }
    findings.error(
      node.at, "the \(what) \(quoted(name)) is not declared",
      fix: mend(name, among: names, section: what + "s"))
  }

  /// What can be said in the service and under `deploy` must be said alike.
  static func limits(of pair: Node.Pair, _ findings: inout Findings) {
    let resources = pair.value["deploy"]?["resources"]
    for (key, section, other) in [
      ("cpus", "limits", "cpus"), ("mem_limit", "limits", "memory"), ("pids_limit", "limits", "pids"),
      ("mem_reservation", "reservations", "memory"),
    ] {
      guard let own = pair.value[key], let deployed = resources?[section] else { continue }
      if deployed[other]?.content != own.content {
        findings.error(
          own.at, "'\(key)' and 'deploy.resources.\(section).\(other)' have distinct values",
          fix: "keep one of the two")
      }
    }
  }

  /// Files are copied somewhere.
  static func watches(of pair: Node.Pair, _ findings: inout Findings) {
    for entry in pair.value["develop"]?["watch"]?.items ?? [] {
      guard let action = entry["action"]?.string, !["rebuild", "restart"].contains(action) else { continue }
      if entry["target"] == nil {
        findings.error(entry.at, "'action: \(action)' lacks 'target'", fix: "add 'target: /PATH'")
      }
    }
  }

  /// One thing can be mounted at a path.
  static func mounts(of pair: Node.Pair, _ findings: inout Findings) {
    var targets: [(text: String, at: Position)] = []
    for entry in pair.value["tmpfs"]?.items ?? [] {
      targets.append((Paths.clean(String((entry.string ?? "").prefix { $0 != ":" })), entry.at))
    }
    for entry in pair.value["volumes"]?.items ?? [] {
      targets.append((entry["target"]?.string ?? "", entry.at))
    }
    var lines: [String: Int32] = [:]
    for target in targets.sorted(by: { $0.at < $1.at }) {
      if let line = lines[target.text] {
        findings.error(
          target.at, "\(quoted(target.text)) is already mounted in line \(line)",
          fix: "choose another path or remove one")
      }
      lines[target.text] = target.at.line
    }
  }
}
