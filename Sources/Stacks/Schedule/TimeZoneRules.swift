/// How far clocks of a time zone are from UTC, and when that changes: what is known of it at the time at
/// which a stack file is read.
public struct TimeZoneRules: Codable, Hashable, Sendable {
  /// Such as `Europe/Berlin`.
  public var name: String
  /// Seconds east of UTC before the first change.
  public var firstOffset: Int
  /// In the order of time.
  public var changes: [Change]

  /// Clocks are set.
  public struct Change: Codable, Hashable, Sendable {
    /// Seconds since the epoch.
    public var at: Int64
    /// Seconds east of UTC from then on.
    public var offset: Int

    public init(at: Int64, offset: Int) {
      self.at = at
      self.offset = offset
    }
  }

  public init(name: String, firstOffset: Int, changes: [Change] = []) {
    self.name = name
    self.firstOffset = firstOffset
    self.changes = changes
  }

  public static let utc = TimeZoneRules(name: "UTC", firstOffset: 0)

  /// How many changes there are up to a time.
  private func count(upTo seconds: Int64) -> Int {
    var (low, high) = (0, changes.count)
    while low < high {
      let middle = (low + high) / 2
      if changes[middle].at <= seconds { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func offset(after count: Int) -> Int { count == 0 ? firstOffset : changes[count - 1].offset }

  /// Seconds east of UTC at a time, in seconds since the epoch.
  func offset(at seconds: Int64) -> Int { offset(after: count(upTo: seconds)) }

  /// The times, in seconds since the epoch, at which clocks show `local`, which counts as if it were UTC.
  ///
  /// Where they show it twice it is the first time, and where they pass over it when they are set forward;
  /// with `all` it is both times, and none.
  func times(showing local: Int64, all: Bool) -> [Int64] {
    // Clocks are less than a day from UTC.
    let range = count(upTo: local - 86_400)...count(upTo: local + 86_400)
    var found: [Int64] = []
    for count in range {
      let time = local - Int64(offset(after: count))
      if self.count(upTo: time) == count, !found.contains(time) { found.append(time) }
    }
    if found.isEmpty, !all {
      return range.dropFirst().compactMap { count in
        let change = changes[count - 1].at
        let isPassedOver =
          local >= change + Int64(offset(after: count - 1)) && local < change + Int64(offset(after: count))
        return isPassedOver ? change : nil
      }
    }
    found.sort()
    return all ? found : Array(found.prefix(1))
  }
}
