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
      try Files.makeDirectories(shelves, mode: 0o700)
      try Files.spreadDirectories(in: shelves)
      // What a creation that was cut short has left.
      let there = try Files.list(shelves)
      for shelf in there {
        for name in try Files.list("\(shelves)/\(shelf)") {
          try Files.removeTree("\(shelves)/\(shelf)/\(name)")
        }
      }
      // At the engine's start and not when a container waits for it. On a full disk: when one is needed.
      for shelf in Set((0..<256).map(Self.shelf)).subtracting(there) {
        try? Files.makeDirectory("\(shelves)/\(shelf)")
      }
    }
    try sweep()
  }

  private var trash: StagingArea { StagingArea(path: root + "/.trash") }

  /// Where layers are made. ext4 keeps what is made in a directory near it, and its search for a free inode
  /// goes through all that were freed there in the last minutes, so that the hundredth container is slow to
  /// make where others have just been removed. The shelves are in different parts of the disk; to look for
  /// the best part for each container would cost more than all else of its creation.
  private var shelves: String { root + "/.new" }

  private func shelf(of id: ContainerID) -> String { "\(shelves)/\(id.description.prefix(2))" }

  /// Two hexadecimal digits, as IDs begin.
  private static func shelf(_ number: Int) -> String { (number < 16 ? "0" : "") + String(number, radix: 16) }

  /// The directory of one container.
  public func directory(of id: ContainerID) -> String { "\(root)/\(id)" }

  /// Makes the writable layer of a container over the lower directories of its image. Its root gets
  /// owner and mode of the image's root: overlayfs shows those of the upper one.
  ///
  /// One that is there already is an error; the directory of the container may be there.
  public func create(_ id: ContainerID, over lower: [String]) throws(ImageError) -> SnapshotLayers {
    let (layers, fresh) = (layers(of: id, over: lower), "\(shelf(of: id))/\(id)")
    try translating("create the writable layer of the container \(id.short)") { () throws(SystemError) in
      do throws(SystemError) {
        try Files.makeNewDirectory(fresh)
        try Files.makeDirectory(fresh + "/work")
        try Files.makeDirectory(fresh + "/upper")
        if let top = lower.first { try Files.liken(fresh + "/upper", to: Files.status(of: top)) }
        try move(fresh, to: layers, of: id)
      } catch {
        try? Files.removeTree(fresh)
        throw error
      }
    }
    return layers
  }

  private func move(_ fresh: String, to layers: SnapshotLayers, of id: ContainerID) throws(SystemError) {
    do throws(SystemError) {
      try Files.rename(fresh, to: directory(of: id))
    } catch  where error.isNotEmpty || error.isExisting {
      // Somebody keeps something about the container there.
      if Files.exists(layers.upper) { throw error }
      try Files.rename(fresh + "/work", to: layers.work)
      try Files.rename(fresh + "/upper", to: layers.upper)
      try Files.removeTree(fresh)
    }
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
