internal import Stacks

extension Binder {
  /// `deploy.update_config` or `deploy.rollback_config`; nil where it is not given. What it does not
  /// say, and a `monitor` of 0, has the value that Docker's swarm mode gives it.
  mutating func updatePolicy(_ node: Node?) -> UpdatePolicy? {
    guard let node else { return nil }
    var policy = UpdatePolicy()
    if let parallelism = node["parallelism"]?.int { policy.parallelism = Int(parallelism) }
    policy.delay = span(node["delay"]) ?? policy.delay
    if let monitor = span(node["monitor"]), monitor > .zero { policy.monitor = monitor }
    if let ratio = node["max_failure_ratio"], let share = ratio.number {
      policy.maxFailureRatio = share
      if share > 1 {
        findings.error(
          ratio.at, "'max_failure_ratio' is a share of the replicas, not \(goText(of: share))",
          fix: "write a number from 0 to 1")
      }
    }
    if let order = node["order"]?.string.flatMap(UpdatePolicy.Order.init) { policy.order = order }
    if let action = node["failure_action"]?.string.flatMap(UpdatePolicy.FailureAction.init) {
      policy.failureAction = action
    }
    return policy
  }

  /// `deploy.rollback_config`: there is nothing to go back to from a rollback.
  mutating func rollbackPolicy(_ node: Node?) -> UpdatePolicy? {
    let policy = updatePolicy(node)
    if policy?.failureAction == .rollback, let word = node?["failure_action"] {
      findings.error(
        word.at, "a rollback that fails cannot be rolled back", fix: "use 'pause' or 'continue'")
    }
    return policy
  }

  /// `x-reconcile`; nil where it is not given.
  mutating func reconciliation(_ node: Node?) -> Reconciliation? {
    guard let node else { return nil }
    if let found = node.string.flatMap(Reconciliation.init) { return found }
    findings.error(
      node.at, "'x-reconcile' must be \(alternatives(Reconciliation.allCases.map(\.rawValue)))",
      fix: "write 'enforce' to have the service kept as it is declared, or 'observe' to be told only")
    return nil
  }

  /// What `deploy.restart_policy` says besides its condition, and `x-replace-unhealthy`.
  mutating func restartTiming(_ service: Node, _ restart: RestartPolicy) -> RestartTiming {
    let policy = service["deploy"]?["restart_policy"]
    var timing = RestartTiming()
    timing.delay = span(policy?["delay"]).flatMap { $0 > .zero ? $0 : nil }
    timing.window = span(policy?["window"]).flatMap { $0 > .zero ? $0 : nil }
    // `restart: on-failure:N` has its own place for it.
    if restart == .always, let attempts = policy?["max_attempts"]?.int, attempts > 0 {
      timing.maximum = Int(attempts)
    }
    if let wish = service["x-replace-unhealthy"] {
      timing.replacesUnhealthy = wish.bool
      if wish.bool == nil {
        findings.error(wish.at, "'x-replace-unhealthy' must be true or false")
      }
    }
    return timing
  }
}
