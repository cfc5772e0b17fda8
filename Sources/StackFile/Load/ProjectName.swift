/// The stack's name: lower-case letters, digits, '-' and '_', beginning with a letter or digit.
enum ProjectName {
  static func isRight(_ name: String) -> Bool {
    guard let first = name.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "_") else {
      return false
    }
    return name.utf8.allSatisfy(isAllowed)
  }

  /// The name that a directory gives: its own in lower case, without what a name cannot have.
  static func normalized(_ text: String) -> String {
    let kept = text.lowercased().utf8.filter(isAllowed)
    let start = kept.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    return String(decoding: start, as: UTF8.self)
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }
}
