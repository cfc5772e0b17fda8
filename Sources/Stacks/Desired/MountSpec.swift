/// One mount of a container besides those that the runtime makes by itself.
public struct MountSpec: Codable, Hashable, Sendable {
  public enum Source: Codable, Hashable, Sendable {
    /// A path on the host, absolute. `createIfMissing` makes a directory there, as the short
    /// form in a stack file asks.
    case bind(path: String, createIfMissing: Bool)
    /// A volume of the stack, by its key in the file.
    case volume(key: String)
    /// A volume that lives and dies with the container.
    case anonymous
    /// Memory. Sizes in bytes; nil: half of the memory. The mode is for the root of it.
    case tmpfs(size: UInt64?, mode: UInt32?)
  }
  public var source: Source
  /// The absolute path in the container.
  public var target: String
  public var isReadOnly: Bool

  public init(source: Source, target: String, isReadOnly: Bool = false) {
    self.source = source
    self.target = target
    self.isReadOnly = isReadOnly
  }
}
