public import Stacks

/// How `apply` and `plan` go about it.
public struct ApplyOptions: Codable, Hashable, Sendable {
  /// Also wait until every replica that has a health check is healthy and the others run.
  public var waitsForHealth: Bool
  /// Remove containers of services that the stack no longer has; false: name them only.
  public var removesOrphans: Bool
  /// Only these services and what they depend on; empty: all.
  public var services: [String]
  /// Replace containers although they do not differ.
  public var forcesRecreation: Bool
  /// Replace containers that have volumes without a name, with new ones of those; nil and false are the same.
  public var renewsVolumes: Bool?
  /// Give up waiting after this long; nil: wait as long as something can still happen.
  public var timeout: Span?

  public init(
    waitsForHealth: Bool = false, removesOrphans: Bool = false, forcesRecreation: Bool = false,
    renewsVolumes: Bool? = nil, timeout: Span? = nil, services: [String] = []
  ) {
    self.services = services
    self.waitsForHealth = waitsForHealth
    self.removesOrphans = removesOrphans
    self.forcesRecreation = forcesRecreation
    self.renewsVolumes = renewsVolumes
    self.timeout = timeout
  }
}

/// A container that `run` asks for.
public struct RunRequest: Codable, Hashable, Sendable {
  /// What it is called until it is gone: `SERVICE-run-HEX`, in this stack never used before.
  public var key: String
  public var oneOff: OneOff
  /// False: what it depends on is left as it is.
  public var startsDependencies: Bool
  /// It is attached to as soon as it is started, from its first byte on.
  public var isAttached: Bool

  public init(key: String, oneOff: OneOff, startsDependencies: Bool = true, isAttached: Bool = false) {
    self.key = key
    self.oneOff = oneOff
    self.startsDependencies = startsDependencies
    self.isAttached = isAttached
  }
}

/// How `takeDown` goes about it.
public struct DownOptions: Codable, Hashable, Sendable {
  /// Also remove the stack's own volumes, named and anonymous.
  public var removesVolumes: Bool
  /// Replaces the services' own grace periods; nil: theirs.
  public var timeout: Span?

  public init(removesVolumes: Bool = false, timeout: Span? = nil) {
    self.removesVolumes = removesVolumes
    self.timeout = timeout
  }
}

/// Which part of a log.
public struct LogOptions: Codable, Hashable, Sendable {
  /// Go on with what is written from now on until the container ends.
  public var follows: Bool
  /// Only the last so many lines; nil: all.
  public var tail: Int?
  /// Only what was written at or after; nil: from the beginning.
  public var since: Moment?
  /// Only what was written before; nil: to the end.
  public var until: Moment?

  public init(follows: Bool = false, tail: Int? = nil, since: Moment? = nil, until: Moment? = nil) {
    self.follows = follows
    self.tail = tail
    self.since = since
    self.until = until
  }
}

/// What to run in a container and how.
public struct ExecOptions: Codable, Hashable, Sendable {
  /// The program and its arguments; never empty.
  public var command: [String]
  /// `NAME=VALUE`, added to the container's own environment.
  public var environment: [String]
  /// nil: the container's own.
  public var user: String?
  /// nil: the container's own.
  public var workingDirectory: String?
  public var hasTerminal: Bool
  /// False: its standard input is empty.
  public var hasInput: Bool
  public var isPrivileged: Bool

  public init(
    command: [String], environment: [String] = [], user: String? = nil, workingDirectory: String? = nil,
    hasTerminal: Bool = false, hasInput: Bool = false, isPrivileged: Bool = false
  ) {
    self.command = command
    self.environment = environment
    self.user = user
    self.workingDirectory = workingDirectory
    self.hasTerminal = hasTerminal
    self.hasInput = hasInput
    self.isPrivileged = isPrivileged
  }
}
