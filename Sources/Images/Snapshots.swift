import Kernel
public import Stacks

/// The layers from which a container's root file system is mounted. Facts only: who mounts chooses
/// the options.
public struct SnapshotLayers: Codable, Hashable, Sendable {
  /// Lower directories, the top one first.
  public var lower: [String]
  /// What the container writes.
  public var upper: String
  /// overlayfs' own, on the same file system as `upper`.
  public var work: String
}

/// The writable layer of each container, in `ROOT/ID/upper` and `ROOT/ID/work`.
///
/// `ROOT/ID` may hold more that others keep about the container; `remove` takes the whole of it
/// away in one step, so that a container is there or not, whenever the engine dies. Names in the
/// root that are no container IDs are not containers.
public struct Snapshots: Sendable {
  /// Mode 0700 (rule R10): set-user-ID programs in a layer are out of reach for the host's users.
  public let root: String

  /// Opens the directory, makes it if it is not there, and deletes what was removed before.
  public init(root: String) throws(ImageError) {
    self.root = root
    try translating("open \(root)") { () throws(SystemError) in
      try Files.makeDirectories(root, mode: 0o700)
    }
    try sweep()
  }

  private var trash: StagingArea { StagingArea(path: root + "/.trash") }

  /// The directory of one container.
  public func directory(of id: ContainerID) -> String { "\(root)/\(id)" }

  /// Makes the writable layer of a container over the lower directories of its image. Its root gets
  /// owner and mode of the image's root: overlayfs shows those of the upper one.
  ///
  /// One that is there already is an error; the directory of the container may be there.
  public func create(_ id: ContainerID, over lower: [String]) throws(ImageError) -> SnapshotLayers {
    let layers = layers(of: id, over: lower)
    try translating("create the writable layer of the container \(id.short)") { () throws(SystemError) in
      try Files.makeDirectories(directory(of: id), mode: 0o700)
      try Files.makeDirectory(layers.work)
      try Files.makeDirectory(layers.upper)
      guard let top = lower.first else { return }
      let image = try TreeDirectory(at: top).descriptor.status()
      let descriptor = try TreeDirectory(at: layers.upper).descriptor
      try descriptor.setOwner(image.owner, group: image.group, permissions: image.permissions)
      try descriptor.setModified(image.modified)
    }
    return layers
  }

  /// Where the writable layer of a container is, whether it has been made or not.
  public func layers(of id: ContainerID, over lower: [String]) -> SnapshotLayers {
    let directory = directory(of: id)
    return SnapshotLayers(lower: lower, upper: directory + "/upper", work: directory + "/work")
  }

  /// Takes the container's directory away in one step. The bytes go with the next `sweep`, so that
  /// nobody waits for a large layer. One that is not there is no error.
  public func remove(_ id: ContainerID) throws(ImageError) {
    try translating("remove the container \(id.short)") { () throws(SystemError) in
      do throws(SystemError) {
        try trash.discard(directory(of: id))
      } catch  where error.isNotFound {}
    }
  }

  /// Deletes what has been removed; blocks until it is gone.
  public func sweep() throws(ImageError) {
    try translating("delete removed containers in \(root)") { () throws(SystemError) in try trash.sweep() }
  }
}
