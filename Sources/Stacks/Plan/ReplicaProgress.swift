/// How far a replica has come that is made from what is wanted.
enum ReplicaProgress: Equatable {
  /// It serves, or it has done its work, since that moment.
  case ready(since: Moment)
  /// Not yet, and why; by itself it will be at `until`. nil: only an event can make it so.
  case pending(String, until: Moment?)
  /// It has failed soon after it was started.
  case failed(String)
}

extension ObservedContainer {
  /// How far it has come. That it failed once is forgotten when the user asks again, at `askedAt`.
  func progress(_ policy: UpdatePolicy, askedAt: Moment?, now: Moment) -> ReplicaProgress {
    if let firstRun, firstRun < window(policy), askedAt.map({ createdAt >= $0 }) ?? true {
      return .failed("\(instance) failed \(firstRun) after its start")
    }
    switch state {
    case .broken(let reason): return .failed("\(instance) is not whole: \(reason)")
    case .created: return .pending("\(instance) is not started yet", until: nil)
    case .running(let running):
      if running.stopping != nil { return .pending("\(instance) was asked to end", until: nil) }
      switch running.health {
      case .healthy: return .ready(since: running.healthSince ?? running.startedAt)
      case .starting: return .pending("\(instance) is not healthy yet", until: nil)
      case .unhealthy: return .failed("\(instance) is unhealthy")
      case .none:
        let since = running.startedAt + policy.monitor
        // A clock that was set back must not hold an update up for hours.
        if now >= since || now < running.startedAt { return .ready(since: since) }
        return .pending("\(instance) has not run for \(policy.monitor) yet", until: since)
      }
    case .exited(let exited):
      if exited.wasStopped { return .pending("\(instance) was stopped", until: nil) }
      if !exited.isFailure, spec.template.restart.endsWithSuccess {
        return .ready(since: exited.finishedAt)
      }
      let words = "\(instance) \(exited.ending)"
      if exited.ran < window(policy) { return .failed(words) }
      return .pending(words, until: nil)
    }
  }

  /// A failure this soon after a start counts as one of the update: within `monitor`, or before a
  /// health check has had the time to say that the container is unwell.
  private func window(_ policy: UpdatePolicy) -> Span {
    guard let check = spec.template.healthcheck, !check.isDisabled else { return policy.monitor }
    return max(policy.monitor, check.verdict + check.interval + check.timeout)
  }

  /// Whether connections may be led to it: it runs, was not asked to end, and a check that it has passes.
  var isReady: Bool {
    guard case .running(let running) = state, running.stopping == nil else { return false }
    return running.health == .healthy || running.health == .none
  }

  /// What `firstRun` must be once the container is started now: who starts it records that.
  public var firstRunWhenStarted: Span? {
    if let firstRun { return firstRun }
    guard case .exited(let exited) = state, !exited.wasStopped,
      exited.isFailure || !spec.template.restart.endsWithSuccess
    else { return nil }
    return exited.ran
  }
}

extension ContainerState.Exited {
  /// How long it ran; zero where it could not be started.
  var ran: Span { startFailure == nil ? max(finishedAt - startedAt, .zero) : .zero }
}

extension RestartPolicy {
  /// An end with status 0 is one that was meant.
  var endsWithSuccess: Bool {
    switch self {
    case .no, .onFailure: true
    case .always, .unlessStopped: false
    }
  }
}
