package import Stacks

/// What the health check of one running container has shown so far. Pure: time and results come in.
package struct HealthRecord: Codable, Hashable, Sendable {
  package var health: Health
  /// Failures in a row that count.
  package var failures: Int
  /// When `health` became what it is; nil: with the start.
  package var since: Moment?
  /// The container's start that this is about.
  package var startedAt: Moment
  /// What the last probe printed or why it failed, at most 4 KiB.
  package var lastOutput: String

  package init(startedAt: Moment) {
    health = .starting
    failures = 0
    self.startedAt = startedAt
    lastOutput = ""
  }

  /// How one probe ended.
  package enum Result: Hashable, Sendable {
    case passed(output: String)
    case failed(output: String)
  }

  /// The record after a probe that ended at `now`. A pass makes it healthy at once; as many
  /// failures in a row as `retries` make it unhealthy, and failures in the start period, as long
  /// as it has never been healthy, do not count (Compose Specification, healthcheck).
  package func after(_ result: Result, at now: Moment, check: Healthcheck) -> HealthRecord {
    var next = self
    switch result {
    case .passed(let output):
      next.health = .healthy
      next.failures = 0
      next.lastOutput = output
    case .failed(let output):
      next.lastOutput = output
      if health == .starting && now < startedAt + check.startPeriod { break }
      next.failures += 1
      if next.failures >= check.retries { next.health = .unhealthy }
    }
    if next.health != health { next.since = now }
    return next
  }

  /// How long to wait for the next probe.
  package func pause(at now: Moment, check: Healthcheck) -> Span {
    let isStarting = health == .starting && now < startedAt + check.startPeriod
    return isStarting ? min(check.startInterval, check.interval) : check.interval
  }
}
