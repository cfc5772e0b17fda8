/// One entry of a tar archive as it is written there: nothing of it can be trusted.
package struct ArchiveEntry: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case regular, directory, fifo
    /// The target as written.
    case symbolicLink([UInt8])
    /// A further name for the entry with this path.
    case hardLink([UInt8])
    case characterDevice(major: UInt32, minor: UInt32)
    case blockDevice(major: UInt32, minor: UInt32)
    /// Something else, by its type bits.
    case other(UInt32)
  }
  package var kind: Kind
  package var path: [UInt8]
  /// The lower twelve bits of the mode.
  package var permissions: UInt32
  package var owner: Int64
  package var group: Int64
  /// Bytes of a regular file, holes included.
  package var size: Int64
  package var modified: FileTime
  /// Extended attributes in the order of the archive.
  package var attributes: [Attribute]

  package struct Attribute: Hashable, Sendable {
    package var name: String
    package var value: [UInt8]
  }

  /// The path for messages.
  package var name: String { String(decoding: path, as: UTF8.self) }
}

/// What a reader bears of an archive before it gives up.
package struct ArchiveLimits: Hashable, Sendable {
  /// Bytes of the archive once decompressed.
  package var bytes: Int64
  /// Decompressed bytes per compressed byte; not looked at in the first `ratioFrom` bytes.
  package var ratio: Int64
  package var ratioFrom: Int64

  package init(bytes: Int64 = 64 << 30, ratio: Int64 = 200, ratioFrom: Int64 = 64 << 20) {
    self.bytes = bytes
    self.ratio = ratio
    self.ratioFrom = ratioFrom
  }
}
