/// `restart`, or the condition of `deploy.restart_policy`.
public enum RestartPolicy: Codable, Hashable, Sendable {
  case no
  case always
  case unlessStopped
  /// `maximum` nil: without end.
  case onFailure(maximum: Int?)
}

/// What `deploy.restart_policy` says besides its condition.
public struct RestartTiming: Codable, Hashable, Sendable {
  /// At least this long passes between an end and the start that follows it; nil: only the engine's own
  /// delay, which grows with every failure.
  public var delay: Span?
  /// How many restarts there may be before the container is settled; nil: without end.
  public var maximum: Int?
  /// A container that ran for this long is settled; nil: 10 s.
  public var window: Span?
  /// Whether a container whose health check fails is ended and started again; nil: unless its policy
  /// is `no`.
  public var replacesUnhealthy: Bool?

  public init(
    delay: Span? = nil, maximum: Int? = nil, window: Span? = nil, replacesUnhealthy: Bool? = nil
  ) {
    self.delay = delay
    self.maximum = maximum
    self.window = window
    self.replacesUnhealthy = replacesUnhealthy
  }

  /// After how long a run the next failure counts as the first.
  public var settledAfter: Span { window ?? RestartPolicy.settledAfter }
}

extension ContainerTemplate {
  /// Whether a container whose health check fails is ended and started again.
  public var replacesUnhealthy: Bool { restartTiming.replacesUnhealthy ?? (restart != .no) }
}
