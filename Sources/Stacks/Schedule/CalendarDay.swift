/// A day of the Gregorian calendar, and how days are counted from 1970-01-01.
package struct CalendarDay: Hashable, Sendable {
  package var year: Int
  /// From 1.
  package var month: Int
  /// From 1.
  package var day: Int

  package init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// The day so many days after 1970-01-01, which may be negative.
  ///
  /// Years are counted from March on, so that the day that leap years have is the last one of a year.
  package init(number: Int) {
    let shifted = number + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days since 1970-01-01.
  package var number: Int {
    let fromMarch = month <= 2 ? year - 1 : year
    let era = (fromMarch >= 0 ? fromMarch : fromMarch - 399) / 400
    let yearOfEra = fromMarch - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// 0 is Sunday.
  package var weekday: Int {
    let rest = (number + 4) % 7
    return rest < 0 ? rest + 7 : rest
  }
}

extension Moment {
  /// Whole seconds since the epoch, rounded down.
  var seconds: Int64 {
    let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return rest < 0 ? whole - 1 : whole
  }

  /// `2026-11-27T03:00:00Z`, without fractions of seconds.
  public var utc: String { stamp("-", ":", "T") }

  /// `20261127-030000`: sorts as the moments do, and can be part of a name.
  var nameStamp: String { String(stamp("", "", "-").dropLast()) }

  private func stamp(_ dash: String, _ colon: String, _ middle: String) -> String {
    let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    let rest = Int(seconds - days * 86_400)
    let day = CalendarDay(number: Int(days))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(day.year)\(dash)\(two(day.month))\(dash)\(two(day.day))\(middle)"
      + "\(two(rest / 3600))\(colon)\(two(rest / 60 % 60))\(colon)\(two(rest % 60))Z"
  }
}
