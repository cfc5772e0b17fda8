internal import Stacks

extension Binder {
  /// `deploy.placement`, for the one machine that there is: what it does not meet would never run.
  mutating func place(_ placement: Node?, replicas: Int64) {
    for item in placement?["constraints"]?.items ?? [] { constraint(item) }
    if let most = placement?["max_replicas_per_node"], let number = most.int, number > 0, replicas > number {
      findings.error(
        most.at, "there is one machine, and \(replicas) replicas are wanted on it",
        fix: "raise 'max_replicas_per_node', or want fewer replicas")
    }
  }

  /// `NAME == VALUE` or `NAME != VALUE`, as a swarm has it. The machine is a swarm's only manager.
  private mutating func constraint(_ node: Node) {
    let text = node.string ?? ""
    let isUnequal = text.contains("!=")
    let parts = (isUnequal ? text.split(separator: "!=") : text.split(separator: "==")).map {
      String($0).trimmed
    }
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
      findings.error(
        node.at, "\(quoted(text)) is not a constraint", fix: "write such as 'node.role == manager'")
      return
    }
    let (name, wanted) = (parts[0].lowercased(), parts[1].lowercased())
    let own: [String]
    switch name {
    case "node.role": own = ["manager"]
    case "node.platform.os": own = ["linux"]
    case "node.platform.arch": own = Self.architectures
    case "node.hostname": own = hostName.map { [$0] } ?? []
    // The machine has no labels.
    case _ where name.hasPrefix("node.labels.") || name.hasPrefix("engine.labels."): own = []
    default:
      findings.error(
        node.at, "nothing is known of \(quoted(parts[0])) here",
        fix: "use node.role, node.hostname, node.platform.os, node.platform.arch or node.labels.NAME")
      return
    }
    guard own.contains(wanted) == isUnequal else { return }
    let what = own.isEmpty ? "has none" : "has \(quoted(own[0]))"
    findings.error(
      node.at, "this machine does not meet \(quoted(text)): it \(what), and there is no other",
      fix: "remove the constraint")
  }

  private var hostName: String? {
    guard case .success(let bytes) = access.read("/proc/sys/kernel/hostname") else { return nil }
    return String(decoding: bytes, as: UTF8.self).trimmed.lowercased()
  }

  #if arch(x86_64)
    private static let architectures = ["x86_64", "amd64"]
  #else
    private static let architectures = ["aarch64", "arm64"]
  #endif
}

extension String {
  /// Without white space at both ends.
  fileprivate var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
