/// A value that is stored and sent as its text.
public protocol TextCoded: Codable, CustomStringConvertible {
  /// What it is called where a text is none.
  static var textKind: String { get }
  /// nil: the text is none.
  init?(_ text: some StringProtocol)
}

extension TextCoded {
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = Self(text) else { throw ValueError(kind: Self.textKind, text: text) }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
