/// One mount of a container besides those that the runtime makes by itself.
public struct MountSpec: Codable, Hashable, Sendable {
  public enum Source: Codable, Hashable, Sendable {
    /// A path on the host, absolute. `createIfMissing` makes a directory there, as the short
    /// form in a stack file asks.
    case bind(path: String, createIfMissing: Bool)
    /// A volume of the stack, by its key in the file.
    case volume(key: String)
    /// A volume that belongs to the replica: it goes on with the container that takes this one's place.
    case anonymous
    /// Memory. Sizes in bytes; nil: half of the memory. Mode, owner and group are those of the root of it;
    /// nil: 01777, root. Programs in it can be run only where `isExecutable` is true.
    case tmpfs(
      size: UInt64?, mode: UInt32?, owner: UInt32? = nil, group: UInt32? = nil, isExecutable: Bool? = nil)
    /// What is in an image, read-only.
    case image(ImageReference)
  }
  /// Whether what is mounted later below the source of a bind, or below the target, is seen on the other
  /// side (mount_namespaces(7)). With an `r` it is also for what is mounted below the source already.
  public enum Propagation: String, Codable, Hashable, Sendable {
    case rprivate, `private`, rshared, shared, rslave, slave
  }
  /// What becomes of what is mounted below the source of a bind.
  public enum Recursion: String, Codable, Hashable, Sendable {
    /// It comes along, and is read-only where the mount is.
    case enabled
    /// It stays out.
    case disabled
    /// It comes along and can be written, also where the mount is read-only.
    case writable
  }
  public var source: Source
  /// The absolute path in the container.
  public var target: String
  public var isReadOnly: Bool
  public var recursion: Recursion
  /// A directory in the volume or the image that is mounted instead of the whole; nil: the whole.
  public var subpath: String?
  /// Whether a new volume begins with what the image has at the target (not with `nocopy`).
  public var copiesImage: Bool
  /// Of a bind.
  public var propagation: Propagation
  /// Of an anonymous volume.
  public var labels: [String: String]

  public init(
    source: Source, target: String, isReadOnly: Bool = false, recursion: Recursion = .enabled,
    subpath: String? = nil, copiesImage: Bool = true, propagation: Propagation = .rprivate,
    labels: [String: String] = [:]
  ) {
    self.source = source
    self.target = target
    self.isReadOnly = isReadOnly
    self.recursion = recursion
    self.subpath = subpath
    self.copiesImage = copiesImage
    self.propagation = propagation
    self.labels = labels
  }
}

/// One entry of `volumes_from`: the mounts of another container, where none of its own is.
public struct VolumesFrom: Codable, Hashable, Sendable, CustomStringConvertible {
  /// A service or a container by name.
  public var source: Sharing.Source
  public var isReadOnly: Bool

  public init(source: Sharing.Source, isReadOnly: Bool = false) {
    self.source = source
    self.isReadOnly = isReadOnly
  }

  /// `service:NAME[:ro]`.
  public var description: String { "\(source)\(isReadOnly ? ":ro" : "")" }
}
