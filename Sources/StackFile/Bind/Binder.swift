internal import Stacks

/// Canonical document to values: every shape is right already, so only what the values themselves
/// demand can still be wrong, and is reported at its place.
struct Binder {
  var findings: Findings
  /// The whole document.
  let root: Node
  /// What configs and secrets may come from: the caller's environment and the env files.
  let variables: [String: String]
  /// Where relative paths begin that no form has resolved.
  let directory: String
  /// How files are read whose content belongs to a service.
  let access: FileAccess
  /// The service that is being bound, for messages.
  var service = ""
  /// The services that are active.
  var active: Set<String> = []
  /// The configs and secrets that were read, by section and name; nil: one could not be had.
  var contents: [String: FileContent?] = [:]
  /// `x-reconcile` of the whole file.
  var reconciliation = Reconciliation.enforce

  static func bind(
    _ root: Node, _ surroundings: Surroundings, _ access: FileAccess, _ findings: inout Findings
  ) -> Stack {
    var binder = Binder(
      findings: findings, root: root, variables: surroundings.variables, directory: surroundings.directory,
      access: access)
    var stack = Stack(name: root["name"]?.string ?? "")
    binder.reconciliation = binder.reconciliation(root["x-reconcile"]) ?? .enforce
    binder.active = Set(root["services"]?.pairs.map(\.key) ?? [])
    for pair in root["networks"]?.pairs ?? [] { stack.networks[pair.key] = binder.network(pair) }
    for pair in root["volumes"]?.pairs ?? [] { stack.volumes[pair.key] = binder.volume(pair) }
    for pair in root["services"]?.pairs ?? [] {
      binder.service = pair.key
      guard var service = binder.service(pair) else { continue }
      stack.services.merge(binder.preStart(of: pair, for: &service)) { first, _ in first }
      stack.services[pair.key] = service
    }
    for pair in root["jobs"]?.pairs ?? [] {
      binder.service = pair.key
      if let job = binder.job(pair) { stack.jobs[pair.key] = job }
    }
    findings = binder.findings
    return stack
  }

  /// `environment` or `labels`.
  func texts(_ node: Node?) -> [String: String] {
    var texts: [String: String] = [:]
    for pair in node?.pairs ?? [] { texts[pair.key] = pair.value.string ?? "" }
    return texts
  }

  func strings(_ node: Node?) -> [String] { node?.items.compactMap(\.string) ?? [] }

  /// A length of time that a form has checked.
  func span(_ node: Node?) -> Span? { node?.string.flatMap(Durations.parse) }
}
