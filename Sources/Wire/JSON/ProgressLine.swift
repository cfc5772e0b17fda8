package import EngineInterface

/// One line of an answer that tells progress: the JSON that `WireCoding` makes of it.
///
/// There are four lines for every container that comes or goes, all of one shape, which is written and read
/// here directly: a coder takes longer for one than the engine for many a step. Everything else, and a name
/// with characters that JSON escapes, goes through the coder.
package enum ProgressLine {
  private static let newline = UInt8(ascii: "\n")

  /// The line with its end.
  package static func encode(_ progress: Progress) throws(APIError) -> [UInt8] {
    var line: String
    switch progress {
    case .began(let task) where isPlain(task.name): line = #"{"began":{"_0":\#(text(task))}}"#
    case .ended(let task, let seconds) where isPlain(task.name) && seconds.isFinite:
      line = #"{"ended":{"_0":\#(text(task)),"seconds":\#(seconds)}}"#
    default: return try WireCoding.encode(progress) + [newline]
    }
    line += "\n"
    return Array(line.utf8)
  }

  /// Reads a line, with its end or without.
  package static func decode(_ line: [UInt8]) throws(APIError) -> Progress {
    if let progress = decodePlain(line) { return progress }
    return try WireCoding.decode(Progress.self, from: line)
  }

  private static func text(_ task: Progress.Task) -> String {
    #"{"kind":"\#(task.kind.rawValue)","name":"\#(task.name)","verb":"\#(task.verb.rawValue)"}"#
  }

  /// Whether a name is in JSON what it is.
  private static func isPlain(_ name: String) -> Bool {
    name.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
  }

  /// What stands between the quotes, by the number of the piece.
  private static let shape = [
    (0, "{"), (2, ":{"), (3, "_0"), (4, ":{"), (5, "kind"), (6, ":"), (8, ","), (9, "name"), (10, ":"),
    (12, ","), (13, "verb"), (14, ":"),
  ]

  /// nil: the line is none of those that `encode` writes directly.
  private static func decodePlain(_ line: [UInt8]) -> Progress? {
    if line.contains(UInt8(ascii: "\\")) { return nil }
    let parts = line.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard parts.count == 17 || parts.count == 19, shape.allSatisfy({ parts[$0] == $1 }),
      let kind = Progress.Task.Kind(rawValue: parts[7]), let verb = Progress.Task.Verb(rawValue: parts[15])
    else { return nil }
    let task = Progress.Task(verb: verb, kind: kind, name: parts[11])
    let end = parts[parts.count - 1].filter { !$0.isNewline }
    switch (parts[1], parts.count) {
    case ("began", 17) where end == "}}}": return .began(task)
    case ("ended", 19) where parts[16] == "}," && parts[17] == "seconds":
      guard end.first == ":", end.hasSuffix("}}"), let seconds = Double(end.dropFirst().dropLast(2)) else {
        return nil
      }
      return .ended(task, seconds: seconds)
    default: return nil
    }
  }
}
