/// What a user asked a service for by hand, as moments that stay in the desired state.
///
/// A wish that is a moment can be compared with what is there in every pass: it is fulfilled for a
/// container that has begun, or was made, since. So a pass that is cut short loses no wish, and one
/// that is repeated fulfils none twice.
public struct Asked: Codable, Hashable, Sendable {
  /// `up` or `start`: containers that ended before this moment are started again, whatever their
  /// restart policy; and those made before it follow an image name that stands for another image
  /// now. nil: what has ended stays so unless its restart policy says otherwise, and an image name
  /// is followed at all times.
  public var up: Moment?
  /// `restart`: containers that were started before this moment are stopped and started.
  public var restart: Moment?
  /// `up --force-recreate`: containers made before this moment are made anew.
  public var renewal: Moment?
  /// `up --renew-anon-volumes`: containers made before this moment that have volumes without a name are
  /// made anew, and those volumes too.
  public var freshVolumes: Moment?

  public init(
    up: Moment? = nil, restart: Moment? = nil, renewal: Moment? = nil, freshVolumes: Moment? = nil
  ) {
    self.up = up
    self.restart = restart
    self.renewal = renewal
    self.freshVolumes = freshVolumes
  }
}
