internal import Stacks

extension Binder {
  /// The service's own keys and `deploy.resources`; where both are given they must agree.
  mutating func resources(_ service: Node) -> Resources {
    let limits = service["deploy"]?["resources"]?["limits"]
    let reservations = service["deploy"]?["resources"]?["reservations"]
    func cpu(_ node: Node?) -> UInt64? { node?.number.map { UInt64(($0 * 1000).rounded()) } }
    func bytes(_ node: Node?) -> UInt64? { node?.string.flatMap { UInt64($0) } }
    let pids = agreed(service["pids_limit"], limits?["pids"], "pids_limit", "deploy.resources.limits.pids")?
      .int
    return Resources(
      memoryLimit: bytes(
        agreed(service["mem_limit"], limits?["memory"], "mem_limit", "deploy.resources.limits.memory")),
      memoryReservation: bytes(
        agreed(
          service["mem_reservation"], reservations?["memory"], "mem_reservation",
          "deploy.resources.reservations.memory")),
      cpuLimit: cpu(agreed(service["cpus"], limits?["cpus"], "cpus", "deploy.resources.limits.cpus")),
      cpuReservation: cpu(reservations?["cpus"]),
      pidsLimit: pids.flatMap { $0 > 0 ? UInt64($0) : nil })
  }

  /// The one that is given; a finding where both are and differ.
  private mutating func agreed(_ own: Node?, _ deployed: Node?, _ ownKey: String, _ deployKey: String)
    -> Node?
  {
    guard let own else { return deployed }
    if let deployed, deployed.content != own.content {
      findings.error(
        own.at, "'\(ownKey)' and '\(deployKey)' have distinct values", fix: "keep one of the two")
    }
    return own
  }

  mutating func ulimits(_ node: Node?) -> [String: Ulimit] {
    let known = [
      "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile",
      "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
    ]
    var limits: [String: Ulimit] = [:]
    // -1, and only it, is unlimited.
    func value(_ node: Node?) -> UInt64 { UInt64(bitPattern: node?.int ?? -1) }
    for pair in node?.pairs ?? [] {
      guard known.contains(pair.key) else {
        let near = nearest(to: pair.key, among: known).map { "did you mean '\($0)'?" }
        findings.error(
          pair.value.at, "there is no ulimit \(quoted(pair.key))", fix: near ?? "use \(alternatives(known))")
        continue
      }
      if pair.value.int != nil {
        limits[pair.key] = Ulimit(soft: value(pair.value), hard: value(pair.value))
      } else {
        limits[pair.key] = Ulimit(soft: value(pair.value["soft"]), hard: value(pair.value["hard"]))
      }
    }
    return limits
  }

  mutating func restart(_ service: Node) -> RestartPolicy {
    var own: RestartPolicy?
    if let text = service["restart"]?.string {
      switch text {
      case "always": own = .always
      case "unless-stopped": own = .unlessStopped
      case "no": own = .no
      case "on-failure": own = .onFailure(maximum: nil)
      default: own = .onFailure(maximum: Int(text.dropFirst(11)).flatMap { $0 > 0 ? $0 : nil })
      }
    }
    let mode = service["deploy"]?["mode"]?.string ?? ""
    // A job runs until it has succeeded.
    let isJob = mode.hasSuffix("-job")
    guard let policy = service["deploy"]?["restart_policy"] else {
      return own ?? (isJob ? .onFailure(maximum: nil) : .no)
    }
    let attempts = policy["max_attempts"]
    let maximum = attempts?.int.flatMap { $0 > 0 ? Int($0) : nil }
    let deployed: RestartPolicy
    switch policy["condition"]?.string {
    case "none": deployed = .no
    case "on-failure": deployed = .onFailure(maximum: maximum)
    default: deployed = isJob ? .onFailure(maximum: maximum) : .always
    }
    if isJob, let condition = policy["condition"], condition.string == "any" {
      findings.error(
        condition.at, "a job that has succeeded is not run again, so that its condition cannot be 'any'",
        fix: "use 'on-failure' or 'none'")
    }
    if let own, own != deployed, let written = service["restart"] {
      findings.error(
        written.at, "'restart' and 'deploy.restart_policy' have distinct values", fix: "keep one of the two")
    }
    return deployed
  }
}
