/// Paths as text; nothing here looks at the disk.
enum Paths {
  /// Without `.`, `..`, doubled and trailing slashes. A relative path stays relative.
  static func clean(_ path: String) -> String {
    var parts: [Substring] = []
    let isAbsolute = path.hasPrefix("/")
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else if part != ".." || !isAbsolute {
        parts.append(part)
      }
    }
    let joined = parts.joined(separator: "/")
    return isAbsolute ? "/" + joined : joined.isEmpty ? "." : joined
  }

  /// `path` seen from `directory`, where it is relative.
  static func join(_ directory: String, _ path: String) -> String {
    clean(path.hasPrefix("/") ? path : directory + "/" + path)
  }

  /// The directory that the path lies in.
  static func parent(of path: String) -> String { clean(path + "/..") }

  /// The last part; empty for the root.
  static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }
}
