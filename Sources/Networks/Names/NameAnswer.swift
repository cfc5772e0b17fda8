import Stacks

/// What our name server says to a question of its own knowledge.
enum NameAnswer: Hashable, Sendable {
  /// In the order to be given; empty: the name exists and has nothing of the type asked for.
  case addresses([IPv4Address])
  /// IPv6 addresses, in the order to be given; never empty.
  case addresses6([IPv6Address])
  /// The name that an address belongs to.
  case name(String)
  /// 2 is "server failure", 3 "no such name", 5 "refused".
  case failure(UInt16)

  /// Seconds that an answer may be remembered: replicas come and go.
  static let lifetime: UInt32 = 5

  /// The whole message, at most `limit` bytes; where records had to be left out it says so (TC).
  func encoded(for query: NameQuery, limit: Int) -> [UInt8] {
    var records: [[UInt8]] = []
    var code: UInt16 = 0
    switch self {
    case .addresses(let addresses):
      records = addresses.map { Self.record(NameQuery.typeA, $0.bytes) }
    case .addresses6(let addresses):
      records = addresses.map { Self.record(NameQuery.typeAAAA, $0.bytes) }
    case .name(let name): records = [Self.record(NameQuery.typePointer, Self.encode(name))]
    case .failure(let failure): code = failure
    }
    let extra: [UInt8] = query.hasEDNS ? [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0] : []
    var room = limit - 12 - query.question.count - extra.count
    var kept: [UInt8] = []
    var count = 0
    for record in records where record.count <= room && kept.count == count * record.count {
      kept += record
      room -= record.count
      count += 1
    }
    // QR, AA where we know, RD as asked, RA.
    var flags: UInt16 = 0x8080 | query.flags & 0x0100 | code
    if code == 0 || code == 3 { flags |= 0x0400 }
    if count < records.count { flags |= 0x0200 }
    var bytes: [UInt8] = []
    for word in [query.id, flags, 1, UInt16(count), 0, extra.isEmpty ? 0 : 1] as [UInt16] {
      bytes.appendWord(word)
    }
    return bytes + query.question + kept + extra
  }

  /// The answer to what could not be read: a bare header.
  static func refusal(id: UInt16, flags: UInt16, code: UInt16) -> [UInt8] {
    var bytes: [UInt8] = []
    for word in [id, 0x8080 | flags & 0x7900 | code, 0, 0, 0, 0] as [UInt16] { bytes.appendWord(word) }
    return bytes
  }

  /// A record about the name in the question, which stands 12 bytes into the message.
  private static func record(_ type: UInt16, _ data: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendWord(0xc00c)
    bytes.appendWord(type)
    bytes.appendWord(NameQuery.internet)
    bytes.appendWord(UInt16(lifetime >> 16))
    bytes.appendWord(UInt16(truncatingIfNeeded: lifetime))
    bytes.appendWord(UInt16(data.count))
    return bytes + data
  }

  /// Labels longer than 63 bytes are cut: no name in a table of ours has them.
  private static func encode(_ name: String) -> [UInt8] {
    name.split(separator: ".").flatMap { label in
      let bytes = Array(label.utf8.prefix(63))
      return [UInt8(bytes.count)] + bytes
    }.prefix(254) + [0]
  }
}

extension [UInt8] {
  mutating func appendWord(_ word: UInt16) {
    append(UInt8(word >> 8))
    append(UInt8(truncatingIfNeeded: word))
  }
}
