/// Messages over TCP: each behind its length in two bytes (RFC 1035, section 4.2.2).
struct NameStream: Sendable {
  private var bytes: [UInt8] = []

  mutating func append(_ more: [UInt8]) { bytes += more }

  /// Far more than is read at a time without an answer means no good.
  var isReasonable: Bool { bytes.count <= 70_000 }

  /// The messages that are whole.
  mutating func takeMessages() -> [[UInt8]] {
    var messages: [[UInt8]] = []
    var start = 0
    while bytes.count - start >= 2 {
      let length = Int(bytes[start]) << 8 | Int(bytes[start + 1])
      guard bytes.count - start - 2 >= length else { break }
      messages.append(Array(bytes[(start + 2)..<(start + 2 + length)]))
      start += 2 + length
    }
    bytes.removeFirst(start)
    return messages
  }

  static func framed(_ message: [UInt8]) -> [UInt8] {
    [UInt8(truncatingIfNeeded: message.count >> 8), UInt8(truncatingIfNeeded: message.count)] + message
  }
}
