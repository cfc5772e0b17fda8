public import Stacks

/// Who asks for a change and with which words: what the history says of it.
public struct Requester: Codable, Hashable, Sendable {
  /// A user's name; empty: it is not known.
  public var user: String
  /// Such as `up -d`; empty: it is not known.
  public var command: String

  public init(user: String = "", command: String = "") {
    self.user = user
    self.command = command
  }

  /// Whoever the engine is being asked by in this task.
  @TaskLocal public static var current = Requester()
}

/// One state of what was declared of a stack.
public struct Revision: Codable, Hashable, Sendable {
  /// From 1, for each stack.
  public var number: Int
  public var at: Moment
  public var by: Requester
  /// What it changed; for the first one, the services that it began with.
  public var changes: [Difference]

  public init(number: Int, at: Moment, by: Requester, changes: [Difference]) {
    self.number = number
    self.at = at
    self.by = by
    self.changes = changes
  }
}
