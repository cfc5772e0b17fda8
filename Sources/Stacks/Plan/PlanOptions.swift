/// What a pass may do beyond making the desired state so.
public struct PlanOptions: Codable, Hashable, Sendable {
  /// Containers of services that are not in the stack are removed. False: they are reported.
  public var removeOrphans: Bool
  /// Volumes of the stack that are not wanted are destroyed. False: they are kept.
  public var removeVolumes: Bool
  /// The time between the stop signal and SIGKILL; nil: each container's own.
  public var stopTimeout: Span?

  public init(
    removeOrphans: Bool = false, removeVolumes: Bool = false, stopTimeout: Span? = nil
  ) {
    self.removeOrphans = removeOrphans
    self.removeVolumes = removeVolumes
    self.stopTimeout = stopTimeout
  }

  /// What `down` uses with `DesiredState.nothing(of:)`: every container of the stack goes.
  public static func down(removeVolumes: Bool = false, stopTimeout: Span? = nil) -> PlanOptions {
    PlanOptions(removeOrphans: true, removeVolumes: removeVolumes, stopTimeout: stopTimeout)
  }
}
