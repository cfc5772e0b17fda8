import Kernel

/// Copies a directory of a merged tree with all in it: owners, modes, times, links, holes and the
/// attributes that a layer may have.
struct TreeCopy {
  /// The first copy of each file that has several names.
  private var copied: [FileStatus.Identity: Descriptor] = [:]

  init() {}

  /// Fills the empty directory `target`, which nobody else can reach, from `source`.
  mutating func copy(_ source: MergedTree.Directory, into target: TreeDirectory) throws(SystemError) {
    for name in try MergedTree.names(in: source) {
      switch try MergedTree.item(name, in: source) {
      case nil: continue
      case .directory(let directory):
        try target.makeDirectory(name, permissions: 0o700)
        try copy(directory, into: try target.directory(name))
      case .other(let status, let parent): try copy(name, status, from: parent, into: target)
      }
    }
    try TreeCopy.copyMetadata(of: source.top.descriptor, to: target.descriptor)
  }

  private mutating func copy(
    _ name: [UInt8], _ status: FileStatus, from parent: TreeDirectory, into target: TreeDirectory
  ) throws(SystemError) {
    if let first = copied[status.identity] { return try target.makeLink(name, to: first) }
    switch status.kind {
    case .regular:
      let from = try parent.file(name)
      let to = try target.createFile(name)
      try from.copyContent(to: to)
      try TreeCopy.copyMetadata(of: from, to: to)
    case .symbolicLink: try target.makeSymbolicLink(name, to: try parent.target(of: name))
    case .fifo, .characterDevice, .blockDevice:
      try target.makeNode(name, status.kind, permissions: 0o600)
    // A socket is bound by a process; a copy of it is nothing.
    case .socket: return
    case .directory: return
    }
    if status.kind != .regular {
      try target.setMetadata(
        name, owner: status.owner, group: status.group,
        permissions: status.kind == .symbolicLink ? nil : status.permissions, modified: status.modified)
    }
    if status.linkCount > 1 { copied[status.identity] = try target.handle(name) }
  }

  /// Owner, mode, attributes and time.
  static func copyMetadata(of source: Descriptor, to target: Descriptor) throws(SystemError) {
    let status = try source.status()
    try target.setOwner(status.owner, group: status.group, permissions: status.permissions)
    for name in try source.attributeNames() {
      guard name == "security.capability" || name.hasPrefix("user."), !name.hasPrefix("user.overlay.")
      else { continue }
      if let value = try source.attribute(name) { try target.setAttribute(name, to: value) }
    }
    try target.setModified(status.modified)
  }
}
