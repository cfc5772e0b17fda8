package import Stacks

/// Points in time as text, in UTC (RFC 3339).
extension Moment {
  /// `2026-11-24T13:20:00.000000123Z`, always with nine decimals.
  package var rfc3339: String {
    let second = nanoseconds.floorDivided(by: 1_000_000_000)
    let fraction = nanoseconds - second * 1_000_000_000
    let day = second.floorDivided(by: 86400)
    let time = second - day * 86400
    let date = CalendarDay(number: Int(day))
    return padded(Int64(date.year), 4) + "-" + padded(Int64(date.month), 2) + "-"
      + padded(Int64(date.day), 2) + "T"
      + padded(time / 3600, 2) + ":" + padded(time / 60 % 60, 2) + ":" + padded(time % 60, 2) + "."
      + padded(fraction, 9) + "Z"
  }

  /// Reads `2026-11-24`, `2026-11-24T13:20`, `…:05`, `…:05.25`, each with `Z`, an offset such as
  /// `+01:00`, or nothing, which is taken as UTC; nil: it is none of them.
  package init?(rfc3339 text: some StringProtocol) {
    var rest = Array(text.utf8)[...]
    func number(_ digits: Int) -> Int64? {
      guard rest.count >= digits, rest.prefix(digits).allSatisfy({ (48...57).contains($0) }) else {
        return nil
      }
      defer { rest = rest.dropFirst(digits) }
      return rest.prefix(digits).reduce(0) { $0 * 10 + Int64($1 - 48) }
    }
    func skip(_ characters: String) -> UInt8? {
      guard let first = rest.first, characters.utf8.contains(first) else { return nil }
      rest = rest.dropFirst()
      return first
    }
    guard let year = number(4), skip("-") != nil, let month = number(2), (1...12).contains(month),
      skip("-") != nil, let day = number(2), (1...31).contains(day)
    else { return nil }
    let date = CalendarDay(year: Int(year), month: Int(month), day: Int(day))
    var seconds = Int64(date.number) * 86400
    var fraction: Int64 = 0
    if skip("Tt ") != nil {
      guard let hour = number(2), hour < 24, skip(":") != nil, let minute = number(2), minute < 60 else {
        return nil
      }
      seconds += hour * 3600 + minute * 60
      if skip(":") != nil {
        guard let second = number(2), second <= 60 else { return nil }
        seconds += second
        if skip(".") != nil {
          var scale: Int64 = 100_000_000
          guard let first = number(1) else { return nil }
          fraction = first * scale
          while scale > 1, let digit = number(1) {
            scale /= 10
            fraction += digit * scale
          }
          while number(1) != nil {}
        }
      }
      if let sign = skip("+-") {
        guard let hours = number(2), skip(":") != nil, let minutes = number(2) else { return nil }
        let offset = hours * 3600 + minutes * 60
        seconds += sign == UInt8(ascii: "+") ? -offset : offset
      } else {
        _ = skip("Zz")
      }
    }
    guard rest.isEmpty else { return nil }
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return nil }
    self.init(nanoseconds: whole + fraction)
  }
}

extension Int64 {
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

private func padded(_ number: Int64, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
