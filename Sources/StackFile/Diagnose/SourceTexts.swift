/// The text of each file that was read, so that a diagnostic can be shown with its line.
public struct SourceTexts: Sendable {
  private var bytes: [String: [UInt8]] = [:]

  public init() {}

  /// Keeps the content of a file under the name that diagnostics use.
  public mutating func add(_ content: [UInt8], as file: String) { bytes[file] = content }

  /// The line with that number, from 1, without its end; nil where there is none.
  public func line(_ number: Int, of file: String) -> String? {
    guard number > 0, let content = bytes[file] else { return nil }
    var start = 0
    for _ in 1..<number {
      guard let end = content.index(of: "\n", from: start) else { return nil }
      start = end + 1
    }
    guard start < content.count else { return nil }
    // A line of megabytes is no help; the place is found by its column.
    let line = content[start...].prefix(4096).prefix { $0 != UInt8(ascii: "\n") }
    return String(decoding: line, as: UTF8.self)
  }

  /// The diagnostic, and below it the line of the file with a caret under the place.
  public func render(_ diagnostic: Diagnostic) -> String {
    guard diagnostic.column > 0, let line = line(diagnostic.line, of: diagnostic.file) else {
      return diagnostic.description
    }
    let letters = line.unicodeScalars.map { scalar -> Character in
      if scalar == "\t" { return " " }
      return scalar.value < 32 || (127...159).contains(scalar.value) ? "\u{FFFD}" : Character(scalar)
    }
    // Only what is around the place of a long line is shown.
    let caret = diagnostic.column - 1
    let first = caret > 100 ? caret - 60 : 0
    guard first < letters.count else { return diagnostic.description }
    let shown = String(letters[first..<min(letters.count, first + 120)])
    let gutter = "\(diagnostic.line)"
    let blank = String(repeating: " ", count: gutter.count)
    let space = String(repeating: " ", count: caret - first)
    return "\(diagnostic)\n \(gutter) | \(shown)\n \(blank) | \(space)^"
  }
}
