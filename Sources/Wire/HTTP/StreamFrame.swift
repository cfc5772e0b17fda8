package import EngineInterface

/// The frames in which Docker sends two output streams over one connection: the stream's number,
/// three zeros, the length as four bytes (most significant first), the bytes. Number 4 is ours: the exit
/// status of the process, as four bytes, after all of its output.
package enum StreamFrame {
  private static let endNumber: UInt8 = 4

  package static func encode(_ stream: OutputStream, _ bytes: some Collection<UInt8>) -> [UInt8] {
    [stream == .stdout ? 1 : 2, 0, 0, 0] + bigEndian(UInt32(bytes.count)) + bytes
  }

  /// The frame that says how the process ended.
  package static func encode(exitStatus: Int32) -> [UInt8] {
    [endNumber, 0, 0, 0] + bigEndian(4) + bigEndian(UInt32(bitPattern: exitStatus))
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    [UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)]
  }

  /// Takes frames apart again.
  package struct Decoder: Sendable {
    private var queue = ByteQueue()
    private var open: (number: UInt8, left: Int)?
    private var status: UInt32 = 0
    /// How the process ended; nil: that has not come, or is not told here.
    package private(set) var exitStatus: Int32?

    package init() {}

    /// The pieces that `bytes` completes; a frame may come in several.
    package mutating func feed(_ bytes: [UInt8]) throws(APIError) -> [OutputChunk] {
      queue.append(bytes)
      var chunks: [OutputChunk] = []
      while true {
        if let (number, left) = open {
          let piece = queue.take(upTo: left)
          if piece.isEmpty { return chunks }
          if number == endNumber {
            status = piece.reduce(status) { $0 << 8 | UInt32($1) }
            if piece.count == left { exitStatus = Int32(bitPattern: status) }
          } else {
            chunks.append(OutputChunk(stream: number == 2 ? .stderr : .stdout, bytes: piece))
          }
          open = piece.count == left ? nil : (number, left - piece.count)
        } else {
          guard queue.count >= 8 else { return chunks }
          let head = queue.take(upTo: 8)
          let left = head[4...].reduce(0) { $0 << 8 | Int($1) }
          guard head[0] < endNumber || head[0] == endNumber && left == 4, head[1] == 0, head[2] == 0,
            head[3] == 0
          else { throw APIError(502, "malformed stream frame: it begins with \(head)") }
          if left > 0 { open = (head[0], left) }
        }
      }
    }
  }
}
