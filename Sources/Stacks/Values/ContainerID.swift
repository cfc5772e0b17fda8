/// The 64 lower-case hexadecimal digits that name a container for good.
///
/// Parsing is strict (rule R10: a file name is made from it), so a value of this type can be put
/// into a path without another check.
public struct ContainerID: Hashable, Comparable, Sendable, TextCoded {
  public static let textKind = "container ID"
  public let description: String

  /// nil unless `text` is exactly 64 lower-case hexadecimal digits.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 64, text.utf8.allSatisfy(isLowerHex) else { return nil }
    description = String(text)
  }

  /// An ID drawn from `generator`.
  public static func random(using generator: inout some RandomNumberGenerator) -> ContainerID {
    var text = ""
    // One number gives sixteen digits: each number drawn from the system is a system call.
    for _ in 0..<4 {
      let digits = String(generator.next() as UInt64, radix: 16)
      text += String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
    return ContainerID(unchecked: text)
  }

  /// An ID drawn from the system's random numbers.
  public static func random() -> ContainerID {
    var system = SystemRandomNumberGenerator()
    return random(using: &system)
  }

  private init(unchecked: String) { description = unchecked }

  /// The first 12 digits, as listings show it.
  public var short: String { String(description.prefix(12)) }

  public static func < (a: ContainerID, b: ContainerID) -> Bool { a.description < b.description }
}

func isLowerHex(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
}
