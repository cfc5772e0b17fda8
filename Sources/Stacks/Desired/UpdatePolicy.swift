/// `deploy.update_config` or `deploy.rollback_config`: how replicas are replaced that differ from what
/// is wanted.
///
/// A field that the file does not give has the value that Docker's swarm mode gives it.
public struct UpdatePolicy: Codable, Hashable, Sendable {
  /// What happens in a slot first.
  public enum Order: String, Codable, Hashable, Sendable {
    /// The old replica is stopped and removed, then the new one is made.
    case stopFirst = "stop-first"
    /// The new replica is made beside the old one, which goes when the new one is ready.
    case startFirst = "start-first"
  }

  /// What becomes of an update of which more than `maxFailureRatio` has failed.
  public enum FailureAction: String, Codable, Hashable, Sendable {
    case pause, `continue`, rollback
  }

  /// How many replicas are replaced at the same time; 0: all.
  public var parallelism: Int
  /// How long after a replica is ready the next one is replaced.
  public var delay: Span
  public var failureAction: FailureAction
  /// A replica that ends or fails this soon after its start has failed its update. Without a health
  /// check it is ready once it has run for this long; with one, once the check passes.
  public var monitor: Span
  /// The share of all replicas, 0 to 1, that may fail before `failureAction` is taken.
  public var maxFailureRatio: Double
  public var order: Order

  public init(
    parallelism: Int = 1, delay: Span = .zero, failureAction: FailureAction = .pause,
    monitor: Span = .seconds(5), maxFailureRatio: Double = 0, order: Order = .stopFirst
  ) {
    self.parallelism = parallelism
    self.delay = delay
    self.failureAction = failureAction
    self.monitor = monitor
    self.maxFailureRatio = maxFailureRatio
    self.order = order
  }
}
