/// One fault, or one warning, in what the user wrote: where it is, what is wrong, how to mend it.
public struct Diagnostic: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
  public enum Severity: String, Codable, Hashable, Sendable {
    /// The stack cannot be used.
    case error
    /// The stack can be used, but perhaps not as it was meant.
    case warning
  }
  public var severity: Severity
  /// The file as the user named it; `-` for standard input; empty where no file is at fault.
  public var file: String
  /// From 1; 0 where the fault has no place in the file.
  public var line: Int
  /// In characters, from 1; 0 where the fault has no place in the line.
  public var column: Int
  /// What is wrong, in words of the stack file.
  public var message: String
  /// What to write instead; nil where the message says it all.
  public var fix: String?

  public init(
    severity: Severity, file: String = "", line: Int = 0, column: Int = 0, message: String,
    fix: String? = nil
  ) {
    self.severity = severity
    self.file = file
    self.line = line
    self.column = column
    self.message = message
    self.fix = fix
  }

  /// `stack.yaml:4:11: error: unknown key 'imge'; did you mean 'image'?`
  public var description: String {
    var text = ""
    if !file.isEmpty {
      text = file + ":"
      if line > 0 { text += "\(line):" }
      if line > 0, column > 0 { text += "\(column):" }
      text += " "
    }
    text += "\(severity.rawValue): \(message)"
    if let fix { text += "; \(fix)" }
    return text
  }

  /// By place; at one place, errors first.
  public static func < (a: Diagnostic, b: Diagnostic) -> Bool {
    (a.file, a.line, a.column, a.severity.rawValue, a.message)
      < (b.file, b.line, b.column, b.severity.rawValue, b.message)
  }
}

extension [Diagnostic] {
  /// Whether one of them is an error, so that there is no stack.
  public var hasErrors: Bool { contains { $0.severity == .error } }

  /// A JSON array with one object for each; an absent fix is null.
  public var json: String { JSONWriter.text(.list(map(\.jsonValue))) }
}

extension Diagnostic {
  fileprivate var jsonValue: JSONValue {
    let fields: [(String, JSONValue)] = [
      ("severity", .string(severity.rawValue)), ("file", .string(file)), ("line", .int(Int64(line))),
      ("column", .int(Int64(column))), ("message", .string(message)),
      ("fix", fix.map { JSONValue.string($0) } ?? .null),
    ]
    return .map(fields)
  }
}
