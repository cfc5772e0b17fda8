internal import Stacks

/// Lengths of time as Go writes them, with days and weeks: `1h30m`, `1.5s`, `500ms`, `1d2h`.
enum Durations {
  /// nil where the text is no length of time, lacks a unit, or is over 292 years.
  static func parse(_ text: String) -> Span? {
    var rest = Substring(text)
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest.removeFirst() }
    if rest == "0" { return .zero }
    guard !rest.isEmpty else { return nil }
    var total: Double = 0
    var exact: Int64 = 0
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(number.count)
      let name = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
      rest = rest.dropFirst(name.count)
      guard number.contains(where: \.isNumber), let unit = units[String(name)] else { return nil }
      if let whole = Int64(number) {
        let (part, overflow) = whole.multipliedReportingOverflow(by: unit)
        let (sum, overflow2) = exact.addingReportingOverflow(part)
        guard !overflow, !overflow2 else { return nil }
        exact = sum
      } else {
        guard number.count(where: { $0 == "." }) == 1, let value = Double("0" + number + "0") else {
          return nil
        }
        total += (value * Double(unit)).rounded()
      }
    }
    guard total < 9.0e18 else { return nil }
    let (sum, overflow) = exact.addingReportingOverflow(Int64(total))
    return overflow ? nil : Span(nanoseconds: isNegative ? -sum : sum)
  }

  private static let units: [String: Int64] = [
    "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000,
    "m": 60_000_000_000, "h": 3_600_000_000_000, "d": 86_400_000_000_000, "w": 604_800_000_000_000,
  ]
}
