/// One of the five fields of a schedule: its numbers and names, and how they are written.
struct CronField {
  let name: String
  let range: ClosedRange<Int>
  /// Names of the numbers from the first of the range on, in capitals.
  var names: [String] = []

  static let minute = CronField(name: "minute", range: 0...59)
  static let hour = CronField(name: "hour", range: 0...23)
  static let day = CronField(name: "day", range: 1...31)
  static let month = CronField(
    name: "month", range: 1...12,
    names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"])
  /// 0 and 7 are Sunday.
  static let weekday = CronField(
    name: "weekday", range: 0...7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])

  private static let shorthands = [
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
  ]

  /// The five fields of a schedule.
  static func split(_ text: String) throws(ValueError) -> [Substring] {
    let trimmed = text.split { $0 == " " || $0 == "\t" }
    if let word = trimmed.first, word.first == "@" {
      guard trimmed.count == 1, let long = shorthands[word.lowercased()] else {
        throw refuse(text, "known are \(shorthands.keys.sorted().joined(separator: ", "))")
      }
      return long.split(separator: " ")
    }
    guard trimmed.count == 5 else {
      throw refuse(text, "it has \(trimmed.count) fields, and there must be 5: minute hour day month weekday")
    }
    return trimmed
  }

  private static func refuse(_ text: String, _ why: String) -> ValueError {
    ValueError(kind: "schedule", text: text, reason: why)
  }

  /// The numbers of a field: parts with commas between them.
  func read(_ field: Substring, in text: String) throws(ValueError) -> Set<Int> {
    var found: Set<Int> = []
    for part in field.split(separator: ",", omittingEmptySubsequences: false) {
      found.formUnion(try numbers(of: part, in: text))
    }
    return found
  }

  /// `*`, `N`, `N-M`, and each with `/STEP` behind it.
  private func numbers(of part: Substring, in text: String) throws(ValueError) -> [Int] {
    let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
    guard pieces.count <= 2, let body = pieces.first, !body.isEmpty else {
      throw Self.refuse(text, "'\(part)' is no \(name)")
    }
    var step = 1
    if pieces.count == 2 {
      guard let number = Int(pieces[1]), number > 0 else {
        throw Self.refuse(text, "'\(pieces[1])' in '\(part)' is no step: those are numbers from 1 on")
      }
      step = number
    }
    let last = name == "weekday" ? 6 : range.upperBound
    if body == "*" || body == "?" && (name == "day" || name == "weekday") {
      return Array(stride(from: range.lowerBound, through: last, by: step))
    }
    let ends = body.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count <= 2 else { throw Self.refuse(text, "'\(part)' is no \(name)") }
    let first = try number(ends[0], in: text)
    guard ends.count == 2 else {
      return pieces.count == 2 ? Array(stride(from: first, through: last, by: step)) : [first]
    }
    let end = try number(ends[1], in: text)
    guard first <= end else { throw Self.refuse(text, "'\(part)' begins after it ends") }
    return Array(stride(from: first, through: end, by: step))
  }

  private func number(_ word: Substring, in text: String) throws(ValueError) -> Int {
    if let index = names.firstIndex(of: word.uppercased()) { return range.lowerBound + index }
    guard let number = Int(word), range.contains(number), word.allSatisfy(\.isNumber) else {
      let or = names.isEmpty ? "" : " or \(names[0])-\(names[names.count - 1])"
      throw Self.refuse(
        text, "'\(word)' is no \(name): those are \(range.lowerBound)-\(range.upperBound)\(or)")
    }
    return number
  }
}
