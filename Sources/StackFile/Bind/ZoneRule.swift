internal import Stacks

/// When clocks are set every year, as the variable TZ says it: `CET-1CEST,M3.5.0,M10.5.0/3`.
///
/// Days are understood in the form `MONTH.WEEK.DAY`, which all zones with such a rule have today.
struct ZoneRule {
  /// Seconds east of UTC in winter.
  let standard: Int
  private let summer: Int
  /// nil: clocks are never set.
  private let days: (begin: Day, end: Day)?

  fileprivate struct Day {
    var month, week, weekday: Int
    /// Seconds after midnight by the clocks of the time that ends.
    var time: Int
  }

  /// nil where the text is not such a rule.
  init?(_ text: String) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard let names = parts.first else { return nil }
    var rest = names
    guard ZoneRule.dropName(&rest), let west = ZoneRule.time(&rest) else { return nil }
    standard = -west
    if rest.isEmpty {
      guard parts.count == 1 else { return nil }
      summer = standard
      days = nil
      return
    }
    guard ZoneRule.dropName(&rest) else { return nil }
    summer = rest.isEmpty ? standard + 3600 : -(ZoneRule.time(&rest) ?? 0)
    guard rest.isEmpty, parts.count == 3, let begin = ZoneRule.day(parts[1]), let end = ZoneRule.day(parts[2])
    else { return nil }
    days = (begin, end)
  }

  /// Every change from 2020 through a year, in the order of time.
  func changes(through lastYear: Int) -> [TimeZoneRules.Change] {
    guard let days else { return [] }
    var changes: [TimeZoneRules.Change] = []
    for year in 2020...lastYear {
      changes.append(.init(at: days.begin.seconds(in: year) - Int64(standard), offset: summer))
      changes.append(.init(at: days.end.seconds(in: year) - Int64(summer), offset: standard))
    }
    return changes.sorted { $0.at < $1.at }
  }

  /// Letters, or anything in `<>`.
  private static func dropName(_ text: inout Substring) -> Bool {
    if text.first == "<" {
      guard let end = text.firstIndex(of: ">") else { return false }
      text = text[text.index(after: end)...]
      return true
    }
    let before = text.count
    text = text.drop { $0.isLetter }
    return text.count < before
  }

  /// `[+-]HOURS[:MINUTES[:SECONDS]]` at the beginning, in seconds.
  private static func time(_ text: inout Substring) -> Int? {
    let isNegative = text.first == "-"
    if isNegative || text.first == "+" { text.removeFirst() }
    let digits = text.prefix { $0.isNumber || $0 == ":" }
    text = text.dropFirst(digits.count)
    let numbers = digits.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
    guard (1...3).contains(numbers.count), numbers.allSatisfy({ (0...167).contains($0) }) else { return nil }
    let seconds = zip(numbers, [3600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
    return isNegative ? -seconds : seconds
  }

  /// `MMONTH.WEEK.DAY[/TIME]`.
  private static func day(_ text: Substring) -> Day? {
    let pieces = text.split(separator: "/", omittingEmptySubsequences: false)
    guard pieces.count <= 2, pieces[0].first == "M" else { return nil }
    let numbers = pieces[0].dropFirst().split(separator: ".", omittingEmptySubsequences: false)
      .map { Int($0) ?? -1 }
    guard numbers.count == 3, (1...12).contains(numbers[0]), (1...5).contains(numbers[1]),
      (0...6).contains(numbers[2])
    else { return nil }
    var seconds = 7200
    if pieces.count == 2 {
      var rest = pieces[1]
      guard let given = time(&rest), rest.isEmpty else { return nil }
      seconds = given
    }
    return Day(month: numbers[0], week: numbers[1], weekday: numbers[2], time: seconds)
  }
}

extension ZoneRule.Day {
  /// When it is in a year, by clocks, as if they showed UTC.
  fileprivate func seconds(in year: Int) -> Int64 {
    let first = CalendarDay(year: year, month: month, day: 1)
    let next = CalendarDay(
      year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1, day: 1)
    var number = first.number + (weekday - first.weekday + 7) % 7 + (week - 1) * 7
    // Week 5 is the last one that the month has.
    while number >= next.number { number -= 7 }
    return Int64(number) * 86_400 + Int64(time)
  }
}
