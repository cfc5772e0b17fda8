/// When something is to happen again and again, as crontab(5) writes it: `MINUTE HOUR DAY MONTH WEEKDAY`.
///
/// Where both the day of the month and the weekday are restricted, a day fits that is one of either.
public struct Cron: Hashable, Sendable {
  /// As it was written.
  public let text: String
  let minutes: [Int]
  let hours: [Int]
  let days: Set<Int>
  let months: Set<Int>
  /// 0 is Sunday.
  let weekdays: Set<Int>
  /// It is to happen in every hour, so that an hour that a clock has twice counts twice.
  let isHourly: Bool
  private let restrictsDays: Bool
  private let restrictsWeekdays: Bool

  /// Throws where the text is not such a schedule, saying which part and why.
  public init(_ text: String) throws(ValueError) {
    self.text = text
    let fields = try CronField.split(text)
    minutes = try CronField.minute.read(fields[0], in: text).sorted()
    hours = try CronField.hour.read(fields[1], in: text).sorted()
    days = try CronField.day.read(fields[2], in: text)
    months = try CronField.month.read(fields[3], in: text)
    weekdays = Set(try CronField.weekday.read(fields[4], in: text).map { $0 % 7 })
    isHourly = fields[1].first == "*"
    restrictsDays = !"*?".contains(fields[2].first ?? "*")
    restrictsWeekdays = !"*?".contains(fields[4].first ?? "*")
  }

  func fits(_ day: CalendarDay) -> Bool {
    guard months.contains(day.month) else { return false }
    let isDay = days.contains(day.day)
    let isWeekday = weekdays.contains(day.weekday)
    return restrictsDays && restrictsWeekdays ? isDay || isWeekday : isDay && isWeekday
  }

  /// The next time after `moment` on clocks of `zone`; nil: it never comes, such as 30 February.
  ///
  /// A time that clocks pass over comes when they are set forward. Of a time that they show twice the
  /// first counts. Where it is to happen every hour, both do, and nothing comes for what is passed over.
  public func next(after moment: Moment, in zone: TimeZoneRules = .utc) -> Moment? {
    let now = moment.seconds
    let local = now + Int64(zone.offset(at: now))
    // The day before too: a clock may have been set back over midnight.
    let first = Int(local >= 0 ? local / 86_400 : (local - 86_399) / 86_400) - 1
    // 29 February may be eight years away.
    for number in first..<(first + 8 * 366 + 2) where fits(CalendarDay(number: number)) {
      var soonest: Int64?
      for hour in hours {
        for minute in minutes {
          let wanted = Int64(number) * 86_400 + Int64(hour * 3600 + minute * 60)
          for time in zone.times(showing: wanted, all: isHourly) where time > now {
            soonest = min(soonest ?? time, time)
          }
        }
      }
      if let soonest { return Moment(seconds: soonest) }
    }
    return nil
  }
}

extension Cron: Codable {
  public init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
