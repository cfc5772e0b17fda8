/// What happens while a stack is brought to what is wanted, for whoever watches.
public enum Progress: Codable, Hashable, Sendable {
  /// A step has begun.
  case began(Task)
  /// A step is done, after so many seconds.
  case ended(Task, seconds: Double)
  /// A step failed.
  case failed(Task, message: String)
  /// A container cannot be gone on with yet.
  case waiting(container: String, reason: String)
  /// Something the user should know, such as an orphan that was left.
  case warning(String)
  /// The last element.
  case finished(Outcome)

  /// What a step works on, in the words of listings.
  public struct Task: Codable, Hashable, Sendable {
    public enum Verb: String, Codable, Hashable, Sendable { case create, start, stop, remove, update }
    public enum Kind: String, Codable, Hashable, Sendable { case container, network, volume }
    public var verb: Verb
    public var kind: Kind
    /// The container's, network's or volume's name on the machine.
    public var name: String

    public init(verb: Verb, kind: Kind, name: String) {
      self.verb = verb
      self.kind = kind
      self.name = name
    }
  }

  /// How it ended.
  public struct Outcome: Codable, Hashable, Sendable {
    /// Everything is as wanted.
    public var isConverged: Bool
    /// The time was up before it was.
    public var timedOut: Bool
    /// What stands in the way, one line each, for the user to mend; empty where converged.
    public var problems: [String]

    public init(isConverged: Bool, timedOut: Bool = false, problems: [String] = []) {
      self.isConverged = isConverged
      self.timedOut = timedOut
      self.problems = problems
    }
  }
}
