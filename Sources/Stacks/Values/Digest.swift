/// The SHA-256 digest of a blob, written `sha256:` and 64 lower-case hexadecimal digits
/// (OCI image specification, descriptor.md, "Digests").
///
/// No other algorithm and no other spelling is accepted: the text becomes part of a path.
public struct Digest: Hashable, Comparable, Sendable, TextCoded {
  public static let textKind = "digest"
  /// The 64 digits, without the algorithm.
  public let hex: String

  /// nil unless `text` is `sha256:` and exactly 64 lower-case hexadecimal digits.
  public init?(_ text: some StringProtocol) {
    guard text.hasPrefix("sha256:") else { return nil }
    let digits = text.dropFirst(7)
    guard digits.utf8.count == 64, digits.utf8.allSatisfy(isLowerHex) else { return nil }
    hex = String(digits)
  }

  public var description: String { "sha256:" + hex }
  /// The first 12 digits, as listings show it.
  public var short: String { String(hex.prefix(12)) }

  public static func < (a: Digest, b: Digest) -> Bool { a.hex < b.hex }
}
