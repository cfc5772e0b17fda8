/// What becomes of a container that has ended.
public enum RestartDecision: Hashable, Sendable {
  /// It stays as it is.
  case stays
  /// It is started now.
  case starts(reason: String)
  /// It is started at `until`, or at the first look after that.
  case waits(until: Moment, reason: String)
  /// It is started no more, though it failed.
  case gaveUp(reason: String)
}

extension RestartPolicy {
  /// A container that ran for this long is settled where the file does not say otherwise.
  public static let settledAfter = Span.seconds(10)
  static let firstDelay = Span.milliseconds(100)
  static let longestDelay = Span.seconds(60)

  /// The time between an end and the start that follows it, where the file gives none.
  ///
  /// The first restart is at once, the second after 100 ms, and each after twice the time of the one
  /// before, to 60 s at most. Docker has the same steps but waits 100 ms already before the first
  /// (moby, `container/restartmanager.go`).
  public static func delay(afterStarts recentStarts: Int) -> Span {
    if recentStarts <= 1 { return .zero }
    let doublings = min(recentStarts - 2, 20)
    return min(firstDelay * (1 << Int64(doublings)), longestDelay)
  }

  /// Whether and when a container that ended as `exited` is started again.
  ///
  /// `recentStarts` is as in `ObservedContainer`. A failure to start counts as a failure to run. What
  /// was stopped by hand stays stopped. A maximum counts restarts since the container was last
  /// settled; Docker counts those of its whole life.
  public func decision(
    after exited: ContainerState.Exited, recentStarts: Int, timing: RestartTiming = RestartTiming(),
    settledAfter: Span? = nil, now: Moment
  ) -> RestartDecision {
    if exited.wasStopped { return .stays }
    let isSettled = exited.ranUnharmed(for: settledAfter ?? timing.settledAfter)
    let starts = isSettled ? 1 : max(1, recentStarts)
    var maximum = timing.maximum
    switch self {
    case .no: guard exited.wasUnhealthy, timing.replacesUnhealthy == true else { return .stays }
    case .always, .unlessStopped: break
    case .onFailure(let own):
      guard exited.isFailure else { return .stays }
      maximum = own ?? maximum
    }
    if let maximum, maximum > 0, starts - 1 >= maximum {
      return .gaveUp(reason: "it \(exited.ending), and \(words(timing)) allows no further restart")
    }
    let delay = Self.delay(afterStarts: starts, timing)
    let due = exited.finishedAt + delay
    // A clock that was set back must not keep a container waiting for hours.
    if now >= due || now < exited.finishedAt {
      return .starts(reason: "it \(exited.ending) (restart: \(self))")
    }
    return .waits(
      until: due, reason: "it \(exited.ending); restart \(starts) comes \(delay) after that")
  }

  /// The least time that passes between a failure and the start that follows it.
  static func delay(afterStarts starts: Int, _ timing: RestartTiming) -> Span {
    max(delay(afterStarts: starts), timing.delay ?? .zero)
  }

  private func words(_ timing: RestartTiming) -> String {
    if case .onFailure(let own?) = self { return "on-failure:\(own)" }
    return "max_attempts: \(timing.maximum ?? 0)"
  }
}

extension ContainerState.Exited {
  /// It could be started and ran for at least `span`.
  func ranUnharmed(for span: Span) -> Bool { startFailure == nil && finishedAt - startedAt >= span }

  /// It did not end as it should have.
  var isFailure: Bool { code != 0 || startFailure != nil || wasUnhealthy }

  /// `exited with 1`, `was stopped`, `ran out of memory`, `could not be started: …`.
  var ending: String {
    if let startFailure { return "could not be started: \(startFailure)" }
    if wasStopped { return "was stopped" }
    if wasUnhealthy { return "was ended because it was unhealthy" }
    if wasOutOfMemory { return "ran out of memory and exited with \(code)" }
    return "exited with \(code)"
  }
}

extension ContainerTemplate {
  /// `RestartPolicy.decision` with all that the template says.
  func decision(
    after exited: ContainerState.Exited, recentStarts: Int, now: Moment
  ) -> RestartDecision {
    restart.decision(
      after: exited, recentStarts: recentStarts, timing: restartTiming, settledAfter: settledAfter(exited),
      now: now)
  }

  /// After how long a run that ended so the container had settled: what a health check takes to find it
  /// unwell is no sign that it was well.
  func settledAfter(_ exited: ContainerState.Exited) -> Span {
    guard exited.wasUnhealthy, let check = healthcheck else { return restartTiming.settledAfter }
    return restartTiming.settledAfter + check.verdict
  }
}

extension Healthcheck {
  /// How long after a start the check calls a container unhealthy that is never well.
  var verdict: Span {
    startPeriod + Span(nanoseconds: interval.nanoseconds + timeout.nanoseconds) * Int64(retries)
  }
}

extension ObservedContainer {
  /// What `recentStarts` must be once the container is started now: who starts it records that.
  /// A settled run, or a stop by hand, begins the count anew.
  public var recentStartsWhenStarted: Int {
    if case .exited(let exited) = state,
      exited.wasStopped || exited.ranUnharmed(for: spec.template.settledAfter(exited))
    {
      return 1
    }
    return recentStarts + 1
  }
}
