/// A piece of what a process wrote, as it came.
public struct OutputChunk: Hashable, Sendable {
  public enum Stream: String, Codable, Hashable, Sendable {
    case stdout, stderr
    /// Not the container's: something about its output, such as lines lost on a full disk.
    case notice = "cairn"
  }
  public var stream: Stream
  public var bytes: [UInt8]

  public init(stream: Stream, bytes: [UInt8]) {
    self.stream = stream
    self.bytes = bytes
  }
}
