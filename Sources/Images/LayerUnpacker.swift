import Kernel

/// Unpacks one archive into an empty directory as a lower layer of overlayfs.
///
/// The directory lies below one that only root can enter, and nobody else writes there. Even so
/// nothing in the archive is trusted: each parent is opened by the kernel beneath the root and
/// through no link, each leaf is made new, and a hard link is made to what was opened by the same
/// rule (R1, R9; the tar class of container escapes).
struct LayerUnpacker: ~Copyable {
  private let root: TreeDirectory
  private let limits: ImportLimits
  private(set) var outcome = Outcome()
  /// Directories get their times last: making entries in them changes them.
  private var directoryTimes: [EntryPath: FileTime] = [:]
  /// The directory that was used last: entries of one directory come together.
  private var recent: (path: EntryPath, directory: TreeDirectory)?

  struct Outcome {
    /// Bytes of the regular files, holes included.
    var size: Int64 = 0
    var entries = 0
    /// The root hides everything in lower layers.
    var isOpaque = false
  }

  init(into path: String, limits: ImportLimits) throws(SystemError) {
    root = try TreeDirectory(at: path)
    self.limits = limits
  }

  /// Why an entry cannot be unpacked.
  typealias Refusal = EntryPath.Refusal

  enum Failure: Error {
    case refused(entry: String, Refusal)
    case system(SystemError)
  }

  /// Unpacks every entry that `reader` gives.
  mutating func unpack(_ reader: ArchiveReader) throws(Failure) {
    while let entry = try step({ () throws(SystemError) in try reader.next() }) {
      do {
        try unpack(entry, from: reader)
      } catch let refusal as Refusal {
        throw .refused(entry: entry.name, refusal)
      } catch let error as SystemError {
        throw Failure.of(error, entry: entry)
      } catch {
        throw .refused(entry: entry.name, Refusal(reason: "\(error)"))
      }
    }
    try step { () throws(SystemError) in
      for (path, time) in directoryTimes {
        do throws(SystemError) {
          try root.directory(path.bytes).descriptor.setModified(time)
        } catch  where error.isNotFound || error.isNotDirectory || error.isLoop {
          // A later entry took the directory's place.
        }
      }
      try reader.finish()
    }
  }

  private func step<T>(_ body: () throws(SystemError) -> T) throws(Failure) -> T {
    do { return try body() } catch { throw .system(error) }
  }

  private mutating func unpack(_ entry: ArchiveEntry, from reader: ArchiveReader) throws {
    outcome.entries += 1
    if outcome.entries > limits.entries {
      throw Refusal(reason: "the archive has more than \(limits.entries) entries")
    }
    let path = try EntryPath(entry.path)
    let owner = try Owner(of: entry)
    switch try path.marker {
    case .ignored: return
    case .opaque, .whiteout:
      guard entry.kind == .regular else { throw Refusal(reason: "a whiteout must be a regular file") }
      try hide(path)
    case .none: try make(entry, at: path, owner: owner, from: reader)
    }
  }

  /// What hides files of lower layers: overlayfs' own marks instead of the archive's.
  private mutating func hide(_ path: EntryPath) throws {
    let directory = try parent(of: path)
    switch try path.marker {
    case .opaque:
      try directory.descriptor.setAttribute(Overlay.opaque, to: Overlay.yes)
      if path.names.count == 1 { outcome.isOpaque = true }
    case .whiteout(let name):
      // A whiteout counts for lower layers only. What this layer has by that name stays; a
      // directory then hides the one below instead of being merged with it.
      switch try directory.status(of: name)?.kind {
      case nil: try directory.makeNode(name, .characterDevice(major: 0, minor: 0), permissions: 0)
      case .directory:
        try directory.directory(name).descriptor.setAttribute(Overlay.opaque, to: Overlay.yes)
      default: break
      }
    case .none, .ignored: break
    }
  }

  private mutating func make(
    _ entry: ArchiveEntry, at path: EntryPath, owner: Owner, from reader: ArchiveReader
  ) throws {
    guard let name = path.name else {
      guard entry.kind == .directory else { throw Refusal(reason: "the root must be a directory") }
      return try finish(root, entry, owner, path)
    }
    let attributes = try kept(entry.attributes)
    let directory = try parent(of: path)
    if entry.kind == .directory {
      return try finish(try makeDirectory(name, in: directory), entry, owner, path)
    }
    if case .hardLink(let target) = entry.kind {
      let file = try linked(target, from: path)
      try clear(name, in: directory)
      return try directory.makeLink(name, to: file)
    }
    try clear(name, in: directory)
    switch entry.kind {
    case .regular:
      try account(entry)
      let file = try directory.createFile(name)
      try reader.copyContent(of: entry, to: file)
      try file.setOwner(owner.user, group: owner.group, permissions: entry.permissions)
      for attribute in attributes { try file.setAttribute(attribute.name, to: attribute.value) }
      try file.setModified(entry.modified)
      return
    case .symbolicLink(let target):
      if target.isEmpty || target.count > EntryPath.longestPath || target.contains(0) {
        throw Refusal(reason: "the link's target is empty or longer than 4095 bytes")
      }
      try directory.makeSymbolicLink(name, to: target)
    case .fifo: try directory.makeNode(name, .fifo, permissions: 0o600)
    case .characterDevice(let major, let minor):
      if major == 0 && minor == 0 {
        throw Refusal(reason: "the device 0:0 would hide a file of a lower layer; only .wh. names may")
      }
      try directory.makeNode(name, .characterDevice(major: major, minor: minor), permissions: 0o600)
    case .blockDevice(let major, let minor):
      try directory.makeNode(name, .blockDevice(major: major, minor: minor), permissions: 0o600)
    case .other(let type): throw Refusal(reason: "its type (\(type)) is none that a layer can have")
    case .directory, .hardLink: return
    }
    let isLink = if case .symbolicLink = entry.kind { true } else { false }
    try directory.setMetadata(
      name, owner: owner.user, group: owner.group,
      permissions: isLink ? nil : entry.permissions, modified: entry.modified)
  }

  private mutating func account(_ entry: ArchiveEntry) throws(Refusal) {
    guard entry.size >= 0, entry.size <= limits.bytes - outcome.size else {
      throw Refusal(reason: "the files are larger than \(limits.bytes) bytes together")
    }
    outcome.size += entry.size
  }

  /// Removes what an earlier entry made by this name, so that the leaf is always made new.
  private mutating func clear(_ name: [UInt8], in directory: TreeDirectory) throws {
    guard let before = try directory.status(of: name) else { return }
    if before.kind == .directory { recent = nil }
    try directory.remove(name)
  }

  /// A directory that was there keeps what is in it; one in the place of a whiteout hides the
  /// directory of that name below.
  private mutating func makeDirectory(_ name: [UInt8], in directory: TreeDirectory) throws -> TreeDirectory {
    let before = try directory.status(of: name)
    if before?.kind == .directory { return try directory.directory(name) }
    if before != nil { try directory.remove(name) }
    try directory.makeDirectory(name)
    let made = try directory.directory(name)
    if before?.isWhiteout == true { try made.descriptor.setAttribute(Overlay.opaque, to: Overlay.yes) }
    return made
  }

  private mutating func finish(
    _ directory: TreeDirectory, _ entry: ArchiveEntry, _ owner: Owner, _ path: EntryPath
  ) throws {
    let descriptor = directory.descriptor
    try descriptor.setOwner(owner.user, group: owner.group, permissions: entry.permissions)
    for attribute in try kept(entry.attributes) {
      try descriptor.setAttribute(attribute.name, to: attribute.value)
    }
    directoryTimes[path] = entry.modified
  }

  /// The directory that `path` lies in; what is missing above it is made as root's, mode 0755.
  private mutating func parent(of path: EntryPath) throws -> TreeDirectory {
    let wanted = path.parent
    if let recent, recent.path == wanted { return recent.directory }
    let directory: TreeDirectory
    switch Result(catching: { () throws(SystemError) in try root.directory(wanted.bytes) }) {
    case .success(let found): directory = found
    case .failure(let error) where error.isNotFound || error.isNotDirectory:
      directory = try makeParents(wanted)
    case .failure(let error) where error.isLoop:
      throw Refusal(reason: "a part of its path is a symbolic link")
    case .failure(let error): throw error
    }
    recent = (wanted, directory)
    return directory
  }

  private mutating func makeParents(_ path: EntryPath) throws -> TreeDirectory {
    var here = root
    for name in path.names {
      let status = try here.status(of: name)
      if status == nil || status?.isWhiteout == true {
        here = try makeDirectory(name, in: here)
      } else if status?.kind == .directory {
        here = try here.directory(name)
      } else {
        throw Refusal(
          reason: status?.kind == .symbolicLink
            ? "a part of its path is a symbolic link" : "a part of its path is not a directory")
      }
    }
    return here
  }

  /// What a hard link names: something that this archive made already, reached through no link.
  private func linked(_ target: [UInt8], from path: EntryPath) throws -> Descriptor {
    let to: EntryPath
    do {
      to = try EntryPath(target)
    } catch {
      throw Refusal(reason: "the target of the hard link is refused: \(error.reason)")
    }
    guard let name = to.name, to != path else { throw Refusal(reason: "the hard link leads to itself") }
    guard let directory = try? root.directory(to.parent.bytes),
      let status = try directory.status(of: name)
    else {
      throw Refusal(
        reason: "the target of the hard link, \"\(String(decoding: target, as: UTF8.self))\", is not in "
          + "the archive before it, or lies behind a symbolic link")
    }
    if status.kind == .directory || status.isWhiteout {
      throw Refusal(reason: "the target of the hard link is no file")
    }
    return try directory.handle(name)
  }

  /// The attributes that a layer may set. Others of `security.` name this machine's policies and
  /// are left out; whatever overlayfs itself would obey is refused.
  private func kept(_ attributes: [ArchiveEntry.Attribute]) throws(Refusal) -> [ArchiveEntry.Attribute] {
    var kept: [ArchiveEntry.Attribute] = []
    for attribute in attributes {
      let name = attribute.name
      if name.hasPrefix("trusted.") || name.hasPrefix("user.overlay.") || name.hasPrefix("system.") {
        throw Refusal(reason: "it may not set the extended attribute \(name)")
      }
      if name == "security.capability" || name.hasPrefix("user.") { kept.append(attribute) }
    }
    return kept
  }
}

/// User and group of an entry, as far as the kernel and Docker know numbers (CVE-2024-40635).
private struct Owner {
  var user: UInt32
  var group: UInt32

  init(of entry: ArchiveEntry) throws(EntryPath.Refusal) {
    let range = Int64(0)...Int64(Int32.max)
    guard range.contains(entry.owner), range.contains(entry.group) else {
      throw EntryPath.Refusal(
        reason: "its owner \(entry.owner):\(entry.group) is not between 0 and 2147483647")
    }
    user = UInt32(entry.owner)
    group = UInt32(entry.group)
  }
}

extension LayerUnpacker.Failure {
  /// What the kernel refuses for reasons of its own is an error of the system; what it refuses
  /// because of the archive is a refusal of the entry.
  fileprivate static func of(_ error: SystemError, entry: ArchiveEntry) -> LayerUnpacker.Failure {
    error.code == 0 || error.isNoSpace
      ? .system(error)
      : .refused(entry: entry.name, EntryPath.Refusal(reason: "\(error)"))
  }
}

/// overlayfs' marks (Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories").
enum Overlay {
  static let opaque = "trusted.overlay.opaque"
  static let yes = Array("y".utf8)
}
