internal import Glibc
import Kernel
public import Stacks

/// One volume with all that the store knows about it.
public struct StoredVolume: Codable, Hashable, Sendable {
  public var name: String
  /// The stack that made it; nil: made by hand, or anonymous.
  public var stack: String?
  public var definition: VolumeDefinition
  /// The container that an anonymous volume belongs to; nil: it has a name of its own, or is left to
  /// `heir`.
  public var container: ContainerID?
  /// Whose next container gets an anonymous volume; nil: it has not been left to one.
  public var heir: VolumeHeir?
  public var createdAt: Moment
}

/// Where an anonymous volume goes on: at a path in the next container of a slot.
public struct VolumeHeir: Codable, Hashable, Sendable {
  public var slot: Slot
  /// Absolute, in the container.
  public var path: String

  public init(slot: Slot, path: String) {
    self.slot = slot
    self.path = path
  }
}

/// The volumes on this machine: `ROOT/NAME/data` is what containers see, `ROOT/NAME/volume.json`
/// what the store knows.
///
/// A volume is made aside and put in its place in one step; it is removed in one step too. Calls
/// block; they may come from any thread.
public struct VolumeStore: Sendable {
  /// Mode 0700 (rule R10).
  public let root: String

  /// Opens the store, makes it if it is not there, and removes what a crash left.
  public init(root: String) throws(ImageError) {
    self.root = root
    try translating("open the volume store \(root)") { () throws(SystemError) in
      try Files.makeDirectories(root, mode: 0o700)
    }
    try sweep()
  }

  var staging: StagingArea { StagingArea(path: root + "/.staging") }

  /// Makes a volume that is not there yet. Its name is `definition.name`.
  public func create(_ definition: VolumeDefinition, stack: String?, now: Moment) throws(ImageError) {
    guard VolumeStore.isName(definition.name) else {
      throw .invalid(
        ValueError(
          kind: "volume name", text: definition.name,
          reason: "it is made of letters, digits, '_', '.' and '-', begins with a letter or digit, and has "
            + "at most 200 characters"))
    }
    try make(
      StoredVolume(
        name: definition.name, stack: stack, definition: definition, container: nil, heir: nil, createdAt: now
      ))
  }

  /// Makes a volume that lives and dies with a container; the result is its name.
  public func createAnonymous(
    for container: ContainerID, labels: [String: String] = [:], now: Moment
  ) throws(ImageError) -> String {
    let name = ContainerID.random().description
    try make(
      StoredVolume(
        name: name, stack: nil, definition: VolumeDefinition(name: name, labels: labels),
        container: container, heir: nil,
        createdAt: now))
    return name
  }

  private func make(_ volume: StoredVolume) throws(ImageError) {
    let record = try encoded(volume)
    let path = directory(of: volume.name)
    try translating("create the volume \(volume.name)") { () throws(SystemError) in
      let place = try staging.place()
      let fresh = place.path + "/volume"
      try Files.makeDirectory(fresh)
      try Files.makeDirectory(fresh + "/data")
      try TreeDirectory(at: fresh + "/data").descriptor.setOwner(0, group: 0, permissions: 0o755)
      try Files.replace(fresh + "/volume.json", with: record)
      try Files.replace(fresh + "/unused", with: [])
      // A directory with content is never replaced by rename(2): of two that make it, one fails.
      try Files.rename(fresh, to: path)
    } mapping: { error in
      error.code == ENOTEMPTY || error.isExisting ? .volumeExists(volume.name) : nil
    }
  }

  /// Every volume, by name.
  public func volumes() throws(ImageError) -> [StoredVolume] {
    let names = try translating("list the volumes") { () throws(SystemError) in try Files.list(root) }
    var found: [StoredVolume] = []
    for name in names where VolumeStore.isName(name) {
      do throws(ImageError) {
        found.append(try load(StoredVolume.self, at: directory(of: name) + "/volume.json"))
      } catch .system(let error) where error.isNotFound {
        // Removed in between.
      }
    }
    return found
  }

  /// Every volume that no container has for itself, as the planner sees it.
  public func observe() throws(ImageError) -> [ObservedVolume] {
    try volumes().filter { $0.container == nil }.map {
      ObservedVolume(name: $0.name, stack: $0.stack, definition: $0.definition)
    }
  }

  /// The volume with this name.
  public func volume(_ name: String) throws(ImageError) -> StoredVolume {
    guard VolumeStore.isName(name) else { throw .noSuchVolume(name) }
    do throws(ImageError) {
      return try load(StoredVolume.self, at: directory(of: name) + "/volume.json")
    } catch .system(let error) where error.isNotFound {
      throw .noSuchVolume(name)
    }
  }

  /// The directory that is mounted into containers. Its content is theirs: open what is in it only
  /// through `RootDirectory`.
  public func path(of name: String) throws(ImageError) -> String {
    guard VolumeStore.isName(name), Files.exists(directory(of: name) + "/data") else {
      throw .noSuchVolume(name)
    }
    return directory(of: name) + "/data"
  }

  /// Takes a volume away in one step; the bytes go with the next `sweep`. The caller has made sure
  /// that no container has it. One that is not there is an error.
  public func remove(_ name: String) throws(ImageError) {
    guard VolumeStore.isName(name) else { throw .noSuchVolume(name) }
    try translating("remove the volume \(name)") { () throws(SystemError) in
      let data = directory(of: name) + "/data"
      while Files.exists(data), try HostMount.isMountPoint(data) { try HostMount.unmount(data) }
      try staging.discard(directory(of: name))
    } mapping: { error in
      error.isNotFound ? .noSuchVolume(name) : nil
    }
  }

  /// Takes away the anonymous volumes of a container that never came to be; the result is their names.
  /// Those that it had inherited are left to the next one.
  public func removeAnonymous(of container: ContainerID) throws(ImageError) -> [String] {
    var names: [String] = []
    for volume in try volumes() where volume.container == container {
      if let heir = volume.heir {
        try leave(volume.name, to: heir)
      } else {
        try remove(volume.name)
        names.append(volume.name)
      }
    }
    return names
  }

  /// Deletes what has been removed or was never finished; blocks until it is gone.
  public func sweep() throws(ImageError) {
    try translating("clean up \(root)") { () throws(SystemError) in try staging.sweep() }
  }

  func directory(of name: String) -> String { root + "/" + name }

  /// Docker's rule for names; what passes can stand in a path.
  static func isName(_ text: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
    guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= 200 else { return false }
    return text.utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
  }
}
