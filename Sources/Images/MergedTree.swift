import Kernel

/// Lower directories seen as overlayfs shows them, without a mount.
///
/// Symbolic links are resolved in the merged tree, name by name: none leads out of it, and each
/// layer is entered only by a directory's descriptor (rule R1).
struct MergedTree {
  /// One directory of the merged tree: the layers that have a part in it, the top one first.
  struct Directory {
    var parts: [TreeDirectory]

    /// Owner, mode, time and attributes are the top part's.
    var top: TreeDirectory { parts[0] }
  }

  /// What has a name in a directory.
  enum Item {
    case directory(Directory)
    /// Anything else; it is `name` in `parent`.
    case other(FileStatus, parent: TreeDirectory)
  }

  let root: Directory

  /// `layers` are our own paths, the top one first; at least one.
  init(layers: [String]) throws(SystemError) {
    var parts: [TreeDirectory] = []
    for layer in layers { parts.append(try TreeDirectory(at: layer)) }
    root = Directory(parts: parts)
  }

  /// What has the name in the directory; nil where nothing has, or where a whiteout hides it.
  static func item(_ name: [UInt8], in directory: Directory) throws(SystemError) -> Item? {
    var parts: [TreeDirectory] = []
    for part in directory.parts {
      guard let status = try part.status(of: name) else { continue }
      if status.isWhiteout { break }
      guard status.kind == .directory else {
        if parts.isEmpty { return .other(status, parent: part) }
        break
      }
      let below = try part.directory(name)
      parts.append(below)
      if try below.descriptor.attribute(Overlay.opaque) == Overlay.yes { break }
    }
    return parts.isEmpty ? nil : .directory(Directory(parts: parts))
  }

  /// The names that can be seen in a directory, sorted.
  static func names(in directory: Directory) throws(SystemError) -> [[UInt8]] {
    var names: Set<[UInt8]> = []
    for part in directory.parts { names.formUnion(try part.names()) }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// The directory at an absolute path, links followed inside the tree; nil where there is none.
  func directory(at path: String) throws(SystemError) -> Directory? {
    var stack = [root]
    var rest = Array(path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init).reversed())
    var followed = 0
    while let name = rest.popLast() {
      if name.elementsEqual(".".utf8) { continue }
      if name.elementsEqual("..".utf8) {
        if stack.count > 1 { stack.removeLast() }
        continue
      }
      switch try MergedTree.item(name, in: stack[stack.count - 1]) {
      case .directory(let directory): stack.append(directory)
      case .other(let status, let parent) where status.kind == .symbolicLink:
        followed += 1
        if followed > 40 { return nil }
        let target = try parent.target(of: name)
        if target.first == UInt8(ascii: "/") { stack = [root] }
        rest += target.split(separator: UInt8(ascii: "/")).map(Array.init).reversed()
      case .other, nil: return nil
      }
    }
    return stack[stack.count - 1]
  }
}
