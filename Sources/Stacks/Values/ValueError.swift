/// A text that is not a value of the kind it should be.
public struct ValueError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What it should have been, such as `container ID`.
  public var kind: String
  /// The text found.
  public var text: String
  /// What is wrong and what would be right; empty where the kind says it all.
  public var reason: String

  public init(kind: String, text: String, reason: String = "") {
    self.kind = kind
    self.text = text
    self.reason = reason
  }

  public var description: String {
    "\"\(text.prefix(120))\" is not a valid \(kind)" + (reason.isEmpty ? "" : ": \(reason)")
  }
}
