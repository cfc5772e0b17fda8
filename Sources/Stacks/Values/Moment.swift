/// A point in wall-clock time, in nanoseconds since 1970-01-01T00:00:00Z.
///
/// The planner never reads a clock: the present is passed in as a `Moment` and the next time to
/// look comes out as one.
public struct Moment: Hashable, Comparable, Codable, Sendable {
  /// Nanoseconds since the epoch; negative before 1970.
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// A moment given in whole seconds since the epoch.
  public init(seconds: Int64) { self.nanoseconds = seconds * 1_000_000_000 }

  public static func < (a: Moment, b: Moment) -> Bool { a.nanoseconds < b.nanoseconds }

  /// The moment `span` later (earlier where `span` is negative); clamps instead of overflowing.
  public static func + (moment: Moment, span: Span) -> Moment {
    let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(span.nanoseconds)
    if overflow { return Moment(nanoseconds: span.nanoseconds < 0 ? .min : .max) }
    return Moment(nanoseconds: sum)
  }

  /// The time from `b` to `a`; negative where `a` is the earlier one.
  public static func - (a: Moment, b: Moment) -> Span {
    Span(nanoseconds: a.nanoseconds.subtractingReportingOverflow(b.nanoseconds).partialValue)
  }

  public init(from decoder: any Decoder) throws {
    nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }
}
