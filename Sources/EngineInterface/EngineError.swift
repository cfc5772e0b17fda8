/// Why the engine could not do what it was asked.
public struct EngineError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Codable, Hashable, Sendable {
    /// What was asked about does not exist.
    case notFound
    /// The request contradicts what is there, such as a container that is not running.
    case conflict
    /// The request itself is wrong.
    case invalid
    /// The machine or the engine failed.
    case failed
  }
  public var kind: Kind
  /// What was tried, on what, why it failed and what to do.
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }
}
