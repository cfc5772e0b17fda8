import Stacks
import Testing

/// When schedules come, on clocks of UTC and on clocks that are set.
@Suite struct CronTests {
  /// The time in `2026-11-27T03:00:00Z`.
  static func moment(_ text: String) throws -> Moment {
    let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
    try #require(numbers.count == 6, "\(text)")
    let day = CalendarDay(year: numbers[0], month: numbers[1], day: numbers[2])
    return Moment(seconds: Int64(day.number * 86_400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]))
  }

  /// Berlin in 2026: clocks are set forward at 02:00 on 29 March, and back at 03:00 on 25 October.
  static func berlin() throws -> TimeZoneRules {
    TimeZoneRules(
      name: "Europe/Berlin", firstOffset: 3600,
      changes: [
        .init(at: try moment("2026-03-29T01:00:00Z").nanoseconds / 1_000_000_000, offset: 7200),
        .init(at: try moment("2026-10-25T01:00:00Z").nanoseconds / 1_000_000_000, offset: 3600),
      ])
  }

  private func times(_ cron: String, _ from: String, _ zone: TimeZoneRules = .utc, count: Int = 3) throws
    -> [String]
  {
    let cron = try Cron(cron)
    var found: [String] = []
    var last = try Self.moment(from)
    while found.count < count, let next = cron.next(after: last, in: zone) {
      found.append(next.utc)
      last = next
    }
    return found
  }

  @Test(
    arguments: [
      ("* * * * *", "2026-11-27T03:00:30Z", ["2026-11-27T03:01:00Z", "2026-11-27T03:02:00Z"]),
      ("0 3 * * *", "2026-11-27T03:00:00Z", ["2026-11-28T03:00:00Z", "2026-11-29T03:00:00Z"]),
      ("*/20 * * * *", "2026-12-31T23:50:00Z", ["2027-01-01T00:00:00Z", "2027-01-01T00:20:00Z"]),
      ("5/25 0 * * *", "2026-01-01T00:00:00Z", ["2026-01-01T00:05:00Z", "2026-01-01T00:30:00Z"]),
      ("0 9-17/4 * * MON-FRI", "2026-11-27T17:00:00Z", ["2026-11-30T09:00:00Z", "2026-11-30T13:00:00Z"]),
      ("0 0 1 jan,Jul ?", "2026-01-01T00:00:00Z", ["2026-07-01T00:00:00Z", "2027-01-01T00:00:00Z"]),
      // A day of the month or a weekday, where both are restricted.
      ("0 0 13 * 5", "2026-11-01T00:00:00Z", ["2026-11-06T00:00:00Z", "2026-11-13T00:00:00Z"]),
      ("0 0 13 2 5", "2026-02-06T00:00:00Z", ["2026-02-13T00:00:00Z", "2026-02-20T00:00:00Z"]),
      // Not where one begins with a star.
      ("0 0 */2 * 1", "2026-11-01T00:00:00Z", ["2026-11-09T00:00:00Z", "2026-11-23T00:00:00Z"]),
      ("0 0 * * 7", "2026-11-27T00:00:00Z", ["2026-11-29T00:00:00Z", "2026-12-06T00:00:00Z"]),
      ("0 0 29 2 *", "2026-01-01T00:00:00Z", ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]),
      ("0 0 29 2 *", "2096-03-01T00:00:00Z", ["2104-02-29T00:00:00Z"]),
      ("0 0 31 * *", "2026-01-31T00:00:00Z", ["2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"]),
      ("@hourly", "2026-11-27T03:00:00Z", ["2026-11-27T04:00:00Z", "2026-11-27T05:00:00Z"]),
      ("@Daily", "2026-11-27T03:00:00Z", ["2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z"]),
      ("@weekly", "2026-11-27T03:00:00Z", ["2026-11-29T00:00:00Z", "2026-12-06T00:00:00Z"]),
      ("@monthly", "2026-11-27T03:00:00Z", ["2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"]),
      ("@yearly", "2026-11-27T03:00:00Z", ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]),
      ("59 23 31 12 *", "1969-06-01T00:00:00Z", ["1969-12-31T23:59:00Z", "1970-12-31T23:59:00Z"]),
    ])
  func `the next times`(cron: String, from: String, expected: [String]) throws {
    #expect(try times(cron, from, count: expected.count) == expected)
  }

  @Test(
    arguments: [
      ("30 3 * * *", "2026-03-27T12:00:00Z", ["2026-03-28T02:30:00Z", "2026-03-29T01:30:00Z"]),
      // 02:30 is passed over: it comes when clocks are set.
      ("30 2 * * *", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]),
      ("*/30 * * * *", "2026-03-29T00:10:00Z", ["2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"]),
      // 02:30 is shown twice: the first counts.
      ("30 2 * * *", "2026-10-24T12:00:00Z", ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
      // What comes every hour comes in both.
      (
        "30 * * * *", "2026-10-25T00:00:00Z",
        ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"]
      ),
      ("0 0 * * *", "2026-10-24T12:00:00Z", ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"]),
    ])
  func `the next times on clocks that are set`(cron: String, from: String, expected: [String]) throws {
    #expect(try times(cron, from, try Self.berlin(), count: expected.count) == expected)
  }

  @Test func `every time of an hour comes once, whatever clocks do`() throws {
    let zone = try Self.berlin()
    for (from, to) in [
      ("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"), ("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"),
    ] {
      let cron = try Cron("15 * * * *")
      var last = try Self.moment(from)
      var count = 0
      while let next = cron.next(after: last, in: zone), next <= (try Self.moment(to)) {
        #expect(next - last <= .seconds(3600), "\(last.utc) \(next.utc)")
        last = next
        count += 1
      }
      #expect(count == 24)
    }
  }

  @Test func `a time that never comes is none`() throws {
    #expect(try Cron("0 0 30 2 *").next(after: Moment(seconds: 0)) == nil)
    #expect(try Cron("0 0 31 4,6 *").next(after: Moment(seconds: 0)) == nil)
  }

  @Test(
    arguments: [
      ("", "it has 0 fields"), ("* * * *", "it has 4 fields"), ("@reboot", "known are @annually"),
      ("60 * * * *", "'60' is no minute: those are 0-59"), ("* 24 * * *", "'24' is no hour"),
      ("* * 0 * *", "'0' is no day"), ("* * * 13 *", "'13' is no month: those are 1-12 or JAN-DEC"),
      ("* * * * 8", "'8' is no weekday: those are 0-7 or SUN-SAT"), ("* * * * MO", "'MO' is no weekday"),
      ("9-5 * * * *", "'9-5' begins after it ends"), ("1-2-3 * * * *", "'1-2-3' is no minute"),
      ("*/x * * * *", "'x' in '*/x' is no step"), ("*/-1 * * * *", "'-1' in '*/-1' is no step"),
      ("1,,2 * * * *", "'' is no minute"), ("+1 * * * *", "'+1' is no minute"),
      ("? * * * *", "'?' is no minute"),
    ])
  func `what is no schedule says why`(text: String, why: String) throws {
    do throws(ValueError) {
      _ = try Cron(text)
      Issue.record("\(text) is taken")
    } catch {
      #expect(error.reason.contains(why), "\(error.reason)")
    }
  }

  @Test func `days are counted as the calendar has them`() {
    var number = CalendarDay(year: 1890, month: 1, day: 1).number
    var day = CalendarDay(number: number)
    #expect(CalendarDay(year: 1970, month: 1, day: 1).number == 0)
    #expect(CalendarDay(number: 0).weekday == 4)
    while day.year < 2110 {
      number += 1
      let next = CalendarDay(number: number)
      #expect(next.number == number)
      let isNextDay = next.year == day.year && next.month == day.month && next.day == day.day + 1
      let isNewMonth = next.day == 1 && (next.month == day.month % 12 + 1) && day.day >= 28
      if !isNextDay && !isNewMonth || next.weekday != (day.weekday + 1) % 7 {
        Issue.record("\(next) comes after \(day)")
        return
      }
      day = next
    }
  }
}
