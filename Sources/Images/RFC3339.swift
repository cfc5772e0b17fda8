public import Stacks

/// Times as image configurations write them: RFC 3339.
extension Moment {
  /// RFC 3339 in UTC with nanoseconds where there are any, as Go writes times.
  public var rfc3339: String {
    let second = nanoseconds >= 0 ? nanoseconds / 1_000_000_000 : (nanoseconds - 999_999_999) / 1_000_000_000
    let fraction = nanoseconds - second * 1_000_000_000
    let day = (second >= 0 ? second : second - 86_399) / 86_400
    let ofDay = second - day * 86_400
    let date = CalendarDay(number: Int(day))
    func digits(_ value: Int64, _ width: Int) -> String {
      let text = "\(value)"
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    let dateText =
      "\(digits(Int64(date.year), 4))-\(digits(Int64(date.month), 2))-\(digits(Int64(date.day), 2))"
    let time = "\(digits(ofDay / 3600, 2)):\(digits(ofDay / 60 % 60, 2)):\(digits(ofDay % 60, 2))"
    return dateText + "T" + time + (fraction == 0 ? "" : "." + digits(fraction, 9)) + "Z"
  }

  /// nil unless `text` is `YYYY-MM-DDTHH:MM:SS[.FRACTION](Z|±HH:MM)`.
  public init?(rfc3339 text: some StringProtocol) {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int64? {
      guard range.upperBound <= bytes.count else { return nil }
      let digits = bytes[range]
      guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
      return digits.reduce(0) { $0 * 10 + Int64($1 - 48) }
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61,
      bytes[4] == 45, bytes[7] == 45, [84, 116, 32].contains(bytes[10]), bytes[13] == 58, bytes[16] == 58
    else { return nil }
    var at = 19
    var fraction: Int64 = 0
    if at < bytes.count, bytes[at] == 46 {
      at += 1
      var unit: Int64 = 100_000_000
      while at < bytes.count, (48...57).contains(bytes[at]) {
        fraction += Int64(bytes[at] - 48) * unit
        unit /= 10
        at += 1
      }
    }
    var offset: Int64 = 0
    switch at < bytes.count ? bytes[at] : 0 {
    case 90, 122: at += 1
    case 43, 45:
      guard let hours = number(at + 1..<at + 3), let minutes = number(at + 4..<at + 6) else { return nil }
      offset = (hours * 60 + minutes) * (bytes[at] == 45 ? -60 : 60)
      at += 6
    default: return nil
    }
    guard at == bytes.count else { return nil }
    let days = Int64(CalendarDay(year: Int(year), month: Int(month), day: Int(day)).number)
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
    let (total, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return nil }
    self.init(nanoseconds: total &+ fraction)
  }
}
