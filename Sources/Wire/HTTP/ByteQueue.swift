/// Bytes that have come and were not used yet: added at the back, taken at the front.
package struct ByteQueue: Sendable {
  private var bytes: [UInt8] = []
  private var start = 0
  /// Up to here no line feed was found.
  private var searched = 0

  package init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  package var count: Int { bytes.count - start }
  package var isEmpty: Bool { count == 0 }

  package mutating func append(_ more: some Sequence<UInt8>) {
    if start > 0, start == bytes.count || start > 65536 {
      bytes.removeFirst(start)
      searched = max(0, searched - start)
      start = 0
    }
    bytes += more
  }

  /// Takes at most `limit` bytes.
  package mutating func take(upTo limit: Int) -> [UInt8] {
    let end = start + min(limit, count)
    defer {
      start = end
      searched = max(searched, end)
    }
    return start == 0 && end == bytes.count ? bytes : Array(bytes[start..<end])
  }

  /// Takes all.
  package mutating func takeAll() -> [UInt8] { take(upTo: count) }

  /// Takes a line that ends with a line feed; the line feed is part of it. nil: no line is whole yet.
  package mutating func takeLine() -> [UInt8]? {
    guard let end = bytes[max(searched, start)...].firstIndex(of: UInt8(ascii: "\n")) else {
      searched = bytes.count
      return nil
    }
    return take(upTo: end + 1 - start)
  }
}
