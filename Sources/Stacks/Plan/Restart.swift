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
  /// A container that ran for this long is settled: its next failure counts as the first.
  public static let settledAfter = Span.seconds(10)
  static let firstDelay = Span.milliseconds(100)
  static let longestDelay = Span.seconds(60)

  /// The time between an end and the start that follows it.
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
  /// was stopped by hand stays stopped. `on-failure:N` counts restarts since the container was last
  /// settled; Docker counts those of its whole life.
  public func decision(
    after exited: ContainerState.Exited, recentStarts: Int, now: Moment
  ) -> RestartDecision {
    if exited.wasStopped { return .stays }
    let isFailure = exited.code != 0 || exited.startFailure != nil
    let starts = exited.wasSettled ? 1 : max(1, recentStarts)
    switch self {
    case .no: return .stays
    case .always, .unlessStopped: break
    case .onFailure(let maximum):
      guard isFailure else { return .stays }
      if let maximum, maximum > 0, starts - 1 >= maximum {
        return .gaveUp(
          reason: "it \(exited.ending), and \(self) allows no further restart")
      }
    }
    let delay = Self.delay(afterStarts: starts)
    let due = exited.finishedAt + delay
    // A clock that was set back must not keep a container waiting for hours.
    if now >= due || now < exited.finishedAt {
      return .starts(reason: "it \(exited.ending) (restart: \(self))")
    }
    return .waits(
      until: due, reason: "it \(exited.ending); restart \(starts) comes \(delay) after that")
  }
}

extension ContainerState.Exited {
  /// It ran for long enough that its end counts as a first failure.
  public var wasSettled: Bool {
    startFailure == nil && finishedAt - startedAt >= RestartPolicy.settledAfter
  }

  /// `exited with 1`, `was stopped`, `ran out of memory`, `could not be started: …`.
  var ending: String {
    if let startFailure { return "could not be started: \(startFailure)" }
    if wasStopped { return "was stopped" }
    if wasOutOfMemory { return "ran out of memory and exited with \(code)" }
    return "exited with \(code)"
  }
}

extension ObservedContainer {
  /// What `recentStarts` must be once the container is started now: who starts it records that.
  /// A settled run, or a stop by hand, begins the count anew.
  public var recentStartsWhenStarted: Int {
    if case .exited(let exited) = state, exited.wasSettled || exited.wasStopped { return 1 }
    return recentStarts + 1
  }
}
