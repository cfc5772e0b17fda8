/// Something that is run at its times and comes to an end: an entry of `jobs`.
public struct Job: Codable, Hashable, Sendable {
  public var template: ContainerTemplate
  /// What must have happened before a run is started, by the name of a service.
  public var dependencies: [String: Dependency]
  public var profiles: [String]
  /// Empty: it is run by hand only.
  public var schedules: [Schedule]
  /// Up to when its schedules have been looked at; the engine fills it in. nil: not yet.
  public var lookedAt: Moment?

  public init(
    template: ContainerTemplate, dependencies: [String: Dependency] = [:], profiles: [String] = [],
    schedules: [Schedule] = [], lookedAt: Moment? = nil
  ) {
    self.template = template
    self.dependencies = dependencies
    self.profiles = profiles
    self.schedules = schedules
    self.lookedAt = lookedAt
  }
}

extension Job {
  /// The next time of its schedules after `now`; nil: it has none, or nobody keeps them at present.
  func nextRun(after now: Moment) -> Moment? {
    if lookedAt == nil { return nil }
    return schedules.compactMap { $0.cron.next(after: now, in: $0.zone) }.min()
  }
}

/// One entry of a job's `triggers.schedule`.
public struct Schedule: Codable, Hashable, Sendable {
  /// What becomes of a time at which an earlier run has not ended.
  public enum Concurrency: String, Codable, Hashable, Sendable {
    /// It is left out.
    case forbid
    /// The run begins when the earlier one has ended.
    case queue
  }

  /// What becomes of times at which no engine ran.
  public enum MissedFires: String, Codable, Hashable, Sendable {
    /// One run makes up for all of them.
    case one
    case skip
  }

  public var cron: Cron
  public var zone: TimeZoneRules
  public var concurrency: Concurrency
  public var missedFires: MissedFires

  public init(
    cron: Cron, zone: TimeZoneRules = .utc, concurrency: Concurrency = .forbid,
    missedFires: MissedFires = .one
  ) {
    self.cron = cron
    self.zone = zone
    self.concurrency = concurrency
    self.missedFires = missedFires
  }

  /// A time that is noticed later than this was missed.
  static let grace = Span.seconds(60)

  /// The time at `now`, or before it and after `past`, for which a run is due; nil: there is none.
  func due(after past: Moment, now: Moment) -> Moment? {
    guard let first = cron.next(after: past, in: zone), first <= now else { return nil }
    // The one that is not missed, if there is one, is the one that counts.
    if now - first <= Self.grace { return first }
    let recent = cron.next(after: max(past, now + Span(nanoseconds: -Self.grace.nanoseconds)), in: zone)
    if let recent, recent <= now { return recent }
    return missedFires == .one ? first : nil
  }
}

extension Schedule: CustomStringConvertible {
  /// `0 3 * * * Europe/Berlin`, with what is not usual.
  public var description: String {
    "\(cron.text) \(zone.name)" + (concurrency == .forbid ? "" : ", queue")
      + (missedFires == .one ? "" : ", missed ones are skipped")
  }
}
