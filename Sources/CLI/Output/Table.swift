/// Columns of text, each as wide as its widest cell, with three spaces between them.
struct Table {
  private var rows: [[String]]

  init(_ headings: String...) { self.init(headings: headings) }
  init(headings: [String]) { rows = [headings] }

  mutating func add(_ cells: String...) { add(cells: cells) }
  /// As many as there are headings.
  mutating func add(cells: [String]) { rows.append(cells) }

  var text: String {
    let widths = rows[0].indices.map { column in rows.map { columns(of: $0[column]) }.max() ?? 0 }
    return rows.map { row in
      var line = zip(row, widths).map { padded($0, to: $1) }.joined(separator: "   ")[...]
      while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
