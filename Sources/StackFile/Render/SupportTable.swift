/// What becomes of each attribute of the Compose Specification, as the README shows it: one row an
/// object, from the tables that the loader itself uses.
public enum SupportTable {
  /// A table in Markdown.
  public static var markdown: String {
    var lines = [
      "| where | works | accepted, without effect | refused by `up` |", "|---|---|---|---|",
    ]
    // What others share is shown with services.
    var shown: [String: (path: String, keys: Set<String>)] = [:]
    add(Forms.top, at: "top level", to: &lines, &shown)
    return lines.map { $0 + "\n" }.joined()
  }

  private static func add(
    _ table: Table, at path: String, to lines: inout [String],
    _ shown: inout [String: (path: String, keys: Set<String>)]
  ) {
    let keys = Set(table.rows.keys)
    if let first = shown[table.name], first.keys == keys {
      lines.append("| \(path) | as \(first.path) |  |  |")
      return
    }
    shown[table.name] = (path, keys)
    var columns: [[String]] = [[], [], []]
    var inner: [(Table, String)] = []
    for (key, row) in table.rows.sorted(by: { $0.key < $1.key }) {
      let name = "`\(key)`"
      switch row.support {
      case .works:
        columns[0].append(name)
        if let next = row.form.shape.nested(below: path == "top level" ? key : "\(path).\(key)") {
          inner.append(next)
        }
      case .only(let values):
        columns[0].append("\(name) (only \(values.map { "`\($0)`" }.joined(separator: ", ")))")
      case .noEffect(let why): columns[1].append("\(name) (\(why))")
      case .refused(let instead): columns[2].append("\(name) (\(instead))")
      case .obsolete: columns[1].append("\(name) (obsolete)")
      }
    }
    lines.append("| \(path) | " + columns.map { $0.joined(separator: ", ") }.joined(separator: " | ") + " |")
    let isTop = path == "top level"
    let services = inner.filter { isTop && $0.1.hasPrefix("services") }
    for (table, path) in services + inner.filter({ !isTop || !$0.1.hasPrefix("services") }) {
      add(table, at: path, to: &lines, &shown)
    }
  }
}

extension Shape {
  /// The table of the objects that are in it, and how their place is called.
  fileprivate func nested(below path: String) -> (Table, String)? {
    if let table { return (table, path) }
    if let entry { return entry.nested(below: path + "[]") }
    if let value { return value.nested(below: path + ".NAME") }
    return nil
  }
}
