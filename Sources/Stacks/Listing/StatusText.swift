extension ContainerState {
  /// The state as `docker ps` words it: `Up 3 minutes (healthy)`, `Exited (137) 2 seconds ago`,
  /// `Created`, `Dead`.
  public func status(now: Moment) -> String {
    switch self {
    case .broken: return "Dead"
    case .created: return "Created"
    case .running(let running):
      let age = "Up " + (now - running.startedAt).roundedForPeople
      switch running.health {
      case .none: return age
      case .starting: return age + " (health: starting)"
      case .healthy: return age + " (healthy)"
      case .unhealthy: return age + " (unhealthy)"
      }
    case .exited(let exited):
      return "Exited (\(exited.code)) \((now - exited.finishedAt).roundedForPeople) ago"
    }
  }

  /// The state in one word, as the Docker Engine API gives it.
  public var word: String {
    switch self {
    case .broken: "dead"
    case .created: "created"
    case .running: "running"
    case .exited: "exited"
    }
  }
}

extension Span {
  /// A length of time in one unit, worded as Docker does (docker/go-units, `HumanDuration`):
  /// `Less than a second`, `2 seconds`, `About a minute`, `3 hours`. Negative counts as zero.
  public var roundedForPeople: String {
    let seconds = max(0, nanoseconds) / 1_000_000_000
    let minutes = seconds / 60
    let hours = (seconds + 1800) / 3600
    switch seconds {
    case 0: return "Less than a second"
    case 1: return "1 second"
    case ..<60: return "\(seconds) seconds"
    default: break
    }
    if minutes == 1 { return "About a minute" }
    if minutes < 60 { return "\(minutes) minutes" }
    if hours == 1 { return "About an hour" }
    if hours < 48 { return "\(hours) hours" }
    if hours < 24 * 7 * 2 { return "\(hours / 24) days" }
    if hours < 24 * 30 * 2 { return "\(hours / 24 / 7) weeks" }
    if hours < 24 * 365 * 2 { return "\(hours / 24 / 30) months" }
    return "\(seconds / 3600 / 24 / 365) years"
  }
}
