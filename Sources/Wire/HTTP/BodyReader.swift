/// Takes the body of a message out of what comes (RFC 9112, sections 6 and 7).
package struct BodyReader: Sendable {
  /// Where a body ends.
  package enum Framing: Hashable, Sendable {
    case length(UInt64)
    case chunked
    /// Where the connection does; for responses only.
    case untilClose
  }

  package enum Piece: Hashable, Sendable {
    case bytes([UInt8])
    case end
  }

  private enum State: Sendable {
    case length(left: UInt64)
    case chunkSize
    case chunk(left: UInt64)
    case chunkEnd
    case trailer(used: Int)
    case untilClose
    case done
  }
  private var state: State

  package init(_ framing: Framing) {
    state =
      switch framing {
      case .length(0): .done
      case .length(let count): .length(left: count)
      case .chunked: .chunkSize
      case .untilClose: .untilClose
      }
  }

  package var isDone: Bool { if case .done = state { true } else { false } }

  /// The framing that a head announces; `otherwise` where it announces none.
  package static func framing(_ fields: HTTPFields, otherwise: Framing) throws(APIError) -> Framing {
    let lengths = fields.values("Content-Length")
    let codings = fields.values("Transfer-Encoding")
    if !codings.isEmpty {
      guard lengths.isEmpty else {
        throw APIError(400, "both Content-Length and Transfer-Encoding are given")
      }
      guard codings.count == 1, codings[0].lowercased() == "chunked" else {
        throw APIError(501, "the transfer encoding \(codings) is not supported; use chunked")
      }
      return .chunked
    }
    guard let first = lengths.first else { return otherwise }
    guard lengths.count == 1, !first.isEmpty, first.utf8.allSatisfy({ (48...57).contains($0) }),
      let count = UInt64(first)
    else { throw APIError(400, "malformed Content-Length \(lengths)") }
    return .length(count)
  }

  /// The next piece; nil: more has to come first.
  package mutating func next(from queue: inout ByteQueue, atEnd: Bool) throws(APIError) -> Piece? {
    while true {
      switch state {
      case .done: return .end
      case .untilClose:
        if !queue.isEmpty { return .bytes(queue.takeAll()) }
        guard atEnd else { return nil }
        state = .done
      case .length(let left):
        let bytes = queue.take(upTo: Int(clamping: left))
        if bytes.isEmpty { return try more(atEnd) }
        state = left == UInt64(bytes.count) ? .done : .length(left: left - UInt64(bytes.count))
        return .bytes(bytes)
      case .chunkSize:
        guard let line = try Self.line(&queue) else { return try more(atEnd) }
        let size = try Self.size(line)
        state = size == 0 ? .trailer(used: 0) : .chunk(left: size)
      case .chunk(let left):
        let bytes = queue.take(upTo: Int(clamping: left))
        if bytes.isEmpty { return try more(atEnd) }
        state = left == UInt64(bytes.count) ? .chunkEnd : .chunk(left: left - UInt64(bytes.count))
        return .bytes(bytes)
      case .chunkEnd:
        guard let line = try Self.line(&queue) else { return try more(atEnd) }
        guard line.isEmpty else { throw APIError(400, "malformed chunk: it is longer than announced") }
        state = .chunkSize
      case .trailer(let used):
        guard let line = try Self.line(&queue) else { return try more(atEnd) }
        guard used + line.count <= 8192 else { throw APIError(431, "the trailer is too long") }
        state = line.isEmpty ? .done : .trailer(used: used + line.count)
      }
    }
  }

  private func more(_ atEnd: Bool) throws(APIError) -> Piece? {
    if atEnd { throw APIError(400, "the connection ended in the middle of a message body") }
    return nil
  }

  private static func line(_ queue: inout ByteQueue) throws(APIError) -> [UInt8]? {
    guard let line = queue.takeLine() else {
      if queue.count > 8192 { throw APIError(400, "malformed chunk: its first line is too long") }
      return nil
    }
    guard line.count >= 2, line[line.count - 2] == UInt8(ascii: "\r") else {
      throw APIError(400, "malformed chunk: a line does not end with CR LF")
    }
    return line.dropLast(2)
  }

  private static func size(_ line: [UInt8]) throws(APIError) -> UInt64 {
    let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
    guard (1...15).contains(digits.count),
      let size = UInt64(String(decoding: digits, as: UTF8.self), radix: 16),
      digits.first != UInt8(ascii: "+")
    else { throw APIError(400, "malformed chunk size") }
    return size
  }
}
