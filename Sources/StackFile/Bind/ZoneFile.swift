internal import Stacks

/// Reads a time zone as the IANA's database keeps it (TZif, RFC 9636).
enum ZoneFile {
  /// Rules behind the last change in a file are written out up to this year.
  private static let lastYear = 2100

  /// nil where the bytes are not such a file, of version 2 or later.
  static func read(_ bytes: [UInt8], name: String) -> TimeZoneRules? {
    var reader = Reader(bytes: bytes)
    // The first block has times of 32 bits and is passed over.
    guard let old = reader.header(), old.version >= 2, reader.skip(old.size(timeBytes: 4)),
      let counts = reader.header()
    else { return nil }
    var times: [Int64] = []
    for _ in 0..<counts.times { times.append(reader.integer(8)) }
    var indices: [Int] = []
    for _ in 0..<counts.times { indices.append(Int(reader.integer(1))) }
    var offsets: [Int] = []
    for _ in 0..<counts.types {
      offsets.append(Int(reader.integer(4)))
      _ = reader.integer(2)
    }
    guard reader.skip(counts.characters + counts.leaps * 12 + counts.standard + counts.universal),
      let first = offsets.first, indices.allSatisfy({ offsets.indices.contains($0) }), !reader.isShort
    else { return nil }
    var zone = TimeZoneRules(name: name, firstOffset: first)
    for (time, index) in zip(times, indices) { zone.changes.append(.init(at: time, offset: offsets[index])) }
    if let rule = ZoneRule(reader.line()) {
      let last = times.last ?? 0
      zone.changes += rule.changes(through: lastYear).filter { $0.at > last }
      if zone.changes.isEmpty { zone.firstOffset = rule.standard }
    }
    return zone.shortened
  }

  private struct Counts {
    var version: Int
    var universal, standard, leaps, times, types, characters: Int

    func size(timeBytes: Int) -> Int {
      times * (timeBytes + 1) + types * 6 + characters + leaps * (timeBytes + 4) + standard + universal
    }
  }

  private struct Reader {
    let bytes: [UInt8]
    var place = 0
    /// More was asked for than there is.
    var isShort = false

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func header() -> Counts? {
      guard bytes.count >= place + 44, bytes[place..<(place + 4)].elementsEqual("TZif".utf8) else {
        return nil
      }
      let version = bytes[place + 4]
      place += 20
      var counts: [Int] = []
      for _ in 0..<6 { counts.append(Int(integer(4))) }
      // A file has a few hundred changes at most.
      guard counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
      return Counts(
        version: version == 0 ? 1 : Int(version) - 48, universal: counts[0], standard: counts[1],
        leaps: counts[2], times: counts[3], types: counts[4], characters: counts[5])
    }

    mutating func skip(_ count: Int) -> Bool {
      place += count
      return place <= bytes.count
    }

    /// A number of so many bytes, the highest first; of 4 and 8 with a sign.
    mutating func integer(_ count: Int) -> Int64 {
      guard place + count <= bytes.count else {
        isShort = true
        return 0
      }
      var value: UInt64 = 0
      for byte in bytes[place..<(place + count)] { value = value << 8 | UInt64(byte) }
      place += count
      return count == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }

    /// The line behind everything, without its line feeds.
    func line() -> String {
      String(decoding: bytes[min(place, bytes.count)...], as: UTF8.self).filter { $0 != "\n" }
    }
  }
}

extension TimeZoneRules {
  /// Without what was before 2020, which nobody plans for any more.
  fileprivate var shortened: TimeZoneRules {
    let begin: Int64 = 1_577_836_800
    let kept = changes.filter { $0.at > begin }
    let offset = changes.last { $0.at <= begin }?.offset ?? firstOffset
    return TimeZoneRules(name: name, firstOffset: offset, changes: kept)
  }
}
