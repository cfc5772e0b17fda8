package import Engine

/// The frames in which Docker sends two output streams over one connection: the stream's number,
/// three zeros, the length as four bytes (most significant first), the bytes.
package enum StreamFrame {
  package static func encode(_ stream: OutputStream, _ bytes: some Collection<UInt8>) -> [UInt8] {
    let count = UInt32(bytes.count)
    return [
      stream == .stdout ? 1 : 2, 0, 0, 0, UInt8(count >> 24), UInt8(count >> 16 & 255),
      UInt8(count >> 8 & 255), UInt8(count & 255),
    ] + bytes
  }

  /// Takes frames apart again.
  package struct Decoder: Sendable {
    private var queue = ByteQueue()
    private var open: (stream: OutputStream, left: Int)?

    package init() {}

    /// The pieces that `bytes` completes; a frame may come in several.
    package mutating func feed(_ bytes: [UInt8]) throws(APIError) -> [OutputChunk] {
      queue.append(bytes)
      var chunks: [OutputChunk] = []
      while true {
        if let (stream, left) = open {
          let piece = queue.take(upTo: left)
          if piece.isEmpty { return chunks }
          chunks.append(OutputChunk(stream: stream, bytes: piece))
          open = piece.count == left ? nil : (stream, left - piece.count)
        } else {
          guard queue.count >= 8 else { return chunks }
          let head = queue.take(upTo: 8)
          guard head[0] <= 3, head[1] == 0, head[2] == 0, head[3] == 0 else {
            throw APIError(502, "malformed stream frame: it begins with \(head)")
          }
          let left = head[4...].reduce(0) { $0 << 8 | Int($1) }
          if left > 0 { open = (head[0] == 2 ? .stderr : .stdout, left) }
        }
      }
    }
  }
}
