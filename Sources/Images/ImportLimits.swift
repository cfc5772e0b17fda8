/// What an import bears before it gives up, so that a small archive cannot fill the machine.
public struct ImportLimits: Hashable, Sendable {
  /// Entries in one archive.
  public var entries: Int
  /// Bytes of one archive once decompressed, and of its files together (holes included).
  public var bytes: Int64
  /// How many times larger decompressing may make an archive, once it has made 64 MiB.
  public var ratio: Int64

  public init(entries: Int = 2_000_000, bytes: Int64 = 64 << 30, ratio: Int64 = 200) {
    self.entries = entries
    self.bytes = bytes
    self.ratio = ratio
  }
}
