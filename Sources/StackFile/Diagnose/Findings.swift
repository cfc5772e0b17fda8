/// What one run has found so far: every phase adds to it and none stops at the first fault.
///
/// The same finding at the same place counts once, because an anchored value is checked wherever it
/// is used. After `limit` of them the rest are only counted: nobody reads more.
struct Findings: Sendable {
  static let limit = 200
  /// The files' names, by the number in a `Position`.
  private(set) var files: [String] = []
  private var found: Set<Diagnostic> = []
  private var dropped = 0
  private var settled: Set<Position> = []
  private(set) var errorCount = 0
  private var faulty: Set<Position> = []
  var hasErrors: Bool { errorCount > 0 }

  /// The number under which positions name the file.
  mutating func add(file: String) -> Int {
    files.append(file)
    return files.count - 1
  }

  mutating func error(_ at: Position?, _ message: String, fix: String? = nil) {
    errorCount += 1
    add(.error, at, message, fix)
  }

  /// Nothing more is said about that place: what follows from a fault there helps nobody.
  mutating func settle(_ at: Position) { settled.insert(at) }

  /// Remembers that something in the map there is wrong, so that nobody complains of what it lacks.
  mutating func markFaulty(_ at: Position) { faulty.insert(at) }
  func isFaulty(_ at: Position) -> Bool { faulty.contains(at) }

  mutating func warn(_ at: Position?, _ message: String, fix: String? = nil) {
    add(.warning, at, message, fix)
  }

  private mutating func add(
    _ severity: Diagnostic.Severity, _ at: Position?, _ message: String, _ fix: String?
  ) {
    if let at, settled.contains(at) { return }
    let finding = Diagnostic(
      severity: severity, file: at.map { files[Int($0.file)] } ?? "", line: Int(at?.line ?? 0),
      column: Int(at?.column ?? 0), message: message, fix: fix)
    if found.contains(finding) { return }
    if found.count >= Findings.limit { dropped += 1 } else { found.insert(finding) }
  }

  /// All of them in the order of the files' lines.
  var sorted: [Diagnostic] {
    var all = found.sorted()
    if dropped > 0 {
      all.append(
        Diagnostic(
          severity: hasErrors ? .error : .warning,
          message: "\(dropped) further findings are not shown", fix: "mend these first"))
    }
    return all
  }
}

/// The user's own text inside a message: in single quotes, short, without control characters.
func quoted(_ text: some StringProtocol) -> String {
  var shown = ""
  var count = 0
  for scalar in text.unicodeScalars {
    if count == 60 {
      shown += "…"
      break
    }
    count += 1
    switch scalar {
    case "\n": shown += "\\n"
    case "\t": shown += "\\t"
    case "\r": shown += "\\r"
    default:
      let isControl = scalar.value < 32 || (127...159).contains(scalar.value)
      shown.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
    }
  }
  return "'\(shown)'"
}

/// `a, b or c`, each in quotes.
func alternatives(_ words: [String]) -> String {
  let quotedWords = words.map { "'\($0)'" }
  guard let last = quotedWords.last, quotedWords.count > 1 else { return quotedWords.first ?? "" }
  return quotedWords.dropLast().joined(separator: ", ") + " or " + last
}
