/// Plain scalars that Docker Compose's YAML reader takes for dates and times.
///
/// `2024-01-01` in `environment` becomes `2024-01-01 00:00:00 +0000 UTC` there, so it does here.
enum Timestamps {
  /// The text that Go prints for the time; nil where `text` is none of
  /// `Y-M-D`, `Y-M-D H:M:S[.F]`, `Y-M-D(T|t)H:M:S[.F](Z|±HH:MM)`.
  static func resolve(_ text: String) -> String? {
    var rest = Array(text.utf8)[...]
    guard let year = number(&rest, 4...4), take("-", &rest), let month = number(&rest, 1...2),
      take("-", &rest), let day = number(&rest, 1...2), (1...12).contains(month),
      (1...daysIn(month, of: year)).contains(day)
    else { return nil }
    let date = "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
    if rest.isEmpty { return date + " 00:00:00 +0000 UTC" }
    let hasZone = take("T", &rest) || take("t", &rest)
    guard hasZone || take(" ", &rest) else { return nil }
    guard let hour = number(&rest, 1...2), take(":", &rest), let minute = number(&rest, 1...2),
      take(":", &rest), let second = number(&rest, 1...2), hour < 24, minute < 60, second < 60
    else { return nil }
    var clock = "\(pad(hour, 2)):\(pad(minute, 2)):\(pad(second, 2))"
    if take(".", &rest) {
      let digits = rest.prefix(while: isDigit)
      guard (1...9).contains(digits.count) else { return nil }
      rest = rest.dropFirst(digits.count)
      var fraction = String(decoding: digits, as: UTF8.self)
      while fraction.last == "0" { fraction.removeLast() }
      if !fraction.isEmpty { clock += "." + fraction }
    }
    guard hasZone else { return rest.isEmpty ? "\(date) \(clock) +0000 UTC" : nil }
    if take("Z", &rest) { return rest.isEmpty ? "\(date) \(clock) +0000 UTC" : nil }
    let sign = take("+", &rest) ? "+" : take("-", &rest) ? "-" : nil
    guard let sign, let hours = number(&rest, 2...2), take(":", &rest),
      let minutes = number(&rest, 2...2), rest.isEmpty, hours < 24, minutes < 60
    else { return nil }
    let zone = "\(sign)\(pad(hours, 2))\(pad(minutes, 2))"
    return "\(date) \(clock) \(zone) " + (hours + minutes == 0 ? "UTC" : zone)
  }

  private static func number(_ rest: inout ArraySlice<UInt8>, _ width: ClosedRange<Int>) -> Int? {
    let digits = rest.prefix(while: isDigit).prefix(width.upperBound)
    guard digits.count >= width.lowerBound else { return nil }
    rest = rest.dropFirst(digits.count)
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  private static func take(_ letter: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.first == UInt8(ascii: letter) else { return false }
    rest = rest.dropFirst()
    return true
  }

  private static func daysIn(_ month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func pad(_ value: Int, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
