/// The path of an archive's entry, taken apart and found harmless (rule R9): relative, without
/// `..`, each name short enough for the file system.
struct EntryPath: Hashable {
  /// The names from the root down; empty: the root itself.
  var names: [[UInt8]]

  /// What is wrong with a path.
  struct Refusal: Error {
    var reason: String
  }

  static let longestName = 255
  static let longestPath = 4095
  static let deepest = 1024

  init(_ path: [UInt8]) throws(Refusal) {
    if path.isEmpty { throw Refusal(reason: "it has no name") }
    if path[0] == UInt8(ascii: "/") {
      throw Refusal(reason: "the path is absolute; it must be relative to the root of the archive")
    }
    if path.count > EntryPath.longestPath { throw Refusal(reason: "the path is longer than 4095 bytes") }
    if path.contains(0) { throw Refusal(reason: "the path contains a zero byte") }
    names = []
    for part in path.split(separator: UInt8(ascii: "/")) {
      if part.elementsEqual(".".utf8) { continue }
      if part.elementsEqual("..".utf8) { throw Refusal(reason: "the path contains '..'") }
      if part.count > EntryPath.longestName {
        throw Refusal(reason: "a name in the path is longer than 255 bytes")
      }
      names.append(Array(part))
    }
    if names.count > EntryPath.deepest { throw Refusal(reason: "the path has more than 1024 parts") }
  }

  private init(names: [[UInt8]]) { self.names = names }

  /// The directory that the path lies in; the root is in itself.
  var parent: EntryPath { EntryPath(names: Array(names.dropLast())) }
  /// nil for the root.
  var name: [UInt8]? { names.last }
  /// For openat2: `.` is the root.
  var bytes: [UInt8] {
    names.isEmpty ? [UInt8(ascii: ".")] : Array(names.joined(separator: [UInt8(ascii: "/")]))
  }

  /// What the last name means in a layer (layer.md, "Whiteouts").
  var marker: Marker {
    get throws(Refusal) {
      let prefix = Array(".wh.".utf8)
      if names.dropLast().contains(where: { $0.starts(with: prefix) }) {
        throw Refusal(reason: "it lies below a whiteout")
      }
      guard let name, name.starts(with: prefix) else { return .none }
      if name.elementsEqual(".wh..wh..opq".utf8) { return .opaque }
      let hidden = Array(name.dropFirst(prefix.count))
      // Names of the old aufs driver's own bookkeeping.
      if hidden.starts(with: prefix) { return .ignored }
      if hidden.isEmpty || hidden.elementsEqual(".".utf8) || hidden.elementsEqual("..".utf8) {
        throw Refusal(reason: "the whiteout hides no name")
      }
      return .whiteout(hidden)
    }
  }

  enum Marker: Hashable {
    case none, ignored
    /// The directory hides everything below it in lower layers.
    case opaque
    /// The name is hidden in lower layers.
    case whiteout([UInt8])
  }
}
