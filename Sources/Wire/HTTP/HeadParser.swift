/// Reads the start line and the header fields of a message (RFC 9112, sections 2 to 5), strictly: what
/// could be read in two ways is refused.
package struct HeadParser: Sendable {
  package struct Head: Hashable, Sendable {
    /// The first line without its end.
    package var startLine: String
    package var fields: HTTPFields
  }

  /// The most bytes of a head, and the most fields.
  package static let longestHead = 32768
  package static let mostFields = 100

  private var startLine: String?
  private var fields = HTTPFields()
  private var used = 0

  package init() {}

  /// Whether a part of a head was read already.
  package var hasBegun: Bool { used > 0 }

  /// Takes lines from `queue`; the head once the empty line has come, nil as long as more is needed.
  package mutating func next(from queue: inout ByteQueue) throws(APIError) -> Head? {
    while let line = queue.takeLine() {
      used += line.count
      guard used <= Self.longestHead else { throw Self.tooLong }
      guard line.count >= 2, line[line.count - 2] == UInt8(ascii: "\r") else {
        throw APIError(400, "malformed HTTP message: a line does not end with CR LF")
      }
      let content = line.dropLast(2)
      if content.isEmpty {
        // An empty line before a message is passed over (RFC 9112, section 2.2).
        guard let startLine else { continue }
        let head = Head(startLine: startLine, fields: fields)
        self = HeadParser()
        return head
      }
      guard content.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }) else {
        throw APIError(400, "malformed HTTP message: a control character in the head")
      }
      let text = String(decoding: content, as: UTF8.self)
      if startLine == nil { startLine = text } else { try addField(text) }
    }
    guard used + queue.count <= Self.longestHead else { throw Self.tooLong }
    return nil
  }

  private static let tooLong = APIError(
    431, "the head of the HTTP message is longer than \(longestHead) bytes")

  private mutating func addField(_ line: String) throws(APIError) {
    guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
      line[..<colon].utf8.allSatisfy(isTokenCharacter)
    else { throw APIError(400, "malformed HTTP header field \"\(line.prefix(80))\"") }
    guard fields.all.count < Self.mostFields else {
      throw APIError(431, "more than \(Self.mostFields) HTTP header fields")
    }
    fields.append(String(line[..<colon]), String(trimmed(line[line.index(after: colon)...])))
  }
}

/// RFC 9110, section 5.6.2.
func isTokenCharacter(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
    UInt8(ascii: "A")...UInt8(ascii: "Z"):
    true
  default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }
}
