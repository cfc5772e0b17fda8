/// A length of time in whole nanoseconds, as the stack file writes durations (`1m30s`).
public struct Span: Hashable, Comparable, Codable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static let zero = Span(nanoseconds: 0)
  public static func seconds(_ n: Int64) -> Span { Span(nanoseconds: n * 1_000_000_000) }
  public static func milliseconds(_ n: Int64) -> Span { Span(nanoseconds: n * 1_000_000) }

  /// The length in seconds, for arithmetic that can bear rounding.
  public var inSeconds: Double { Double(nanoseconds) / 1e9 }

  public static func < (a: Span, b: Span) -> Bool { a.nanoseconds < b.nanoseconds }

  /// Both together; clamps instead of overflowing.
  public static func + (a: Span, b: Span) -> Span {
    let (sum, overflow) = a.nanoseconds.addingReportingOverflow(b.nanoseconds)
    return Span(nanoseconds: overflow ? (a.nanoseconds < 0 ? .min : .max) : sum)
  }

  /// `span` times `factor`; clamps instead of overflowing.
  public static func * (span: Span, factor: Int64) -> Span {
    let (product, overflow) = span.nanoseconds.multipliedReportingOverflow(by: factor)
    return Span(nanoseconds: overflow ? .max : product)
  }

  public init(from decoder: any Decoder) throws {
    nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }
}

extension Span: CustomStringConvertible {
  /// As Go prints durations, which is what `docker compose config` shows: `1m30s`, `500ms`, `0s`.
  public var description: String {
    if nanoseconds == 0 { return "0s" }
    let sign = nanoseconds < 0 ? "-" : ""
    var rest = nanoseconds.magnitude
    if rest < 1_000_000_000 {
      for (unit, size) in [("ms", UInt64(1_000_000)), ("µs", 1_000)] where rest >= size {
        return sign + Span.decimal(rest, size) + unit
      }
      return sign + "\(rest)ns"
    }
    var text = sign
    let hours = rest / 3_600_000_000_000
    rest %= 3_600_000_000_000
    let minutes = rest / 60_000_000_000
    rest %= 60_000_000_000
    if hours > 0 { text += "\(hours)h" }
    if hours > 0 || minutes > 0 { text += "\(minutes)m" }
    return text + Span.decimal(rest, 1_000_000_000) + "s"
  }

  /// `value / unit` with as many decimals as it takes and no trailing zero.
  private static func decimal(_ value: UInt64, _ unit: UInt64) -> String {
    let remainder = value % unit
    if remainder == 0 { return "\(value / unit)" }
    // The unit's own 1 keeps the zeros that lead.
    var digits = unit + remainder
    while digits % 10 == 0 { digits /= 10 }
    return "\(value / unit)." + String(digits).dropFirst()
  }
}
