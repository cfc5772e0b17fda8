/// A question to a name server (RFC 1035, section 4), read strictly: whatever is cut short, too
/// long, or more than one plain question is refused, and no pointer is ever followed.
struct NameQuery: Hashable, Sendable {
  var id: UInt16
  /// The header's second word, as it came.
  var flags: UInt16
  /// Lower case, joined by dots, without the last one; nil where a label has bytes that no name
  /// of ours has.
  var name: String?
  var type: UInt16
  var recordClass: UInt16
  /// The question section as it came, to be echoed.
  var question: ArraySlice<UInt8>
  /// The most bytes that an answer by UDP may have: 512 unless EDNS (RFC 6891) says more.
  var answerLimit: Int
  var hasEDNS: Bool

  enum Fault: Error, Hashable {
    /// Not to be answered at all: no header, or itself an answer.
    case ignored
    /// To be answered with the code: 1 is "format error", 4 "not implemented".
    case refused(id: UInt16, flags: UInt16, code: UInt16)
  }

  static let typeA: UInt16 = 1
  static let typePointer: UInt16 = 12
  static let typeAAAA: UInt16 = 28
  static let typeAny: UInt16 = 255
  static let internet: UInt16 = 1
  /// What we answer with at most by UDP, so that it fits one packet everywhere (RFC 9715).
  static let largestDatagram = 1232

  init(_ bytes: [UInt8]) throws(Fault) {
    var reader = NameReader(bytes[...])
    guard let id = reader.word(), let flags = reader.word(), let questions = reader.word(),
      let answers = reader.word(), let authorities = reader.word(), let additions = reader.word(),
      flags & 0x8000 == 0
    else { throw .ignored }
    guard flags & 0x7800 == 0 else { throw .refused(id: id, flags: flags, code: 4) }
    let malformed = Fault.refused(id: id, flags: flags, code: 1)
    guard questions == 1, answers == 0, authorities == 0, additions <= 4 else { throw malformed }
    let start = reader.rest.startIndex
    guard let labels = reader.labels(), let type = reader.word(), let recordClass = reader.word() else {
      throw malformed
    }
    question = bytes[start..<reader.rest.startIndex]
    var payload: UInt16?
    for _ in 0..<additions {
      guard let isRoot = reader.skipName(), let type = reader.word(), let size = reader.word(),
        reader.skip(4), let length = reader.word(), reader.skip(Int(length))
      else { throw malformed }
      if type == 41 {
        guard isRoot, payload == nil else { throw malformed }
        payload = size
      }
    }
    guard reader.rest.isEmpty else { throw malformed }
    self.id = id
    self.flags = flags
    self.type = type
    self.recordClass = recordClass
    name = Self.text(labels)
    hasEDNS = payload != nil
    answerLimit = min(max(Int(payload ?? 512), 512), Self.largestDatagram)
  }

  private static func text(_ labels: [ArraySlice<UInt8>]) -> String? {
    guard labels.allSatisfy({ $0.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ".") } })
    else { return nil }
    return labels.map { String(decoding: $0, as: UTF8.self).lowercased() }.joined(separator: ".")
  }
}

/// Takes a message apart from the front; nil wherever it is too short.
struct NameReader {
  var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func word() -> UInt16? {
    guard let high = rest.popFirst(), let low = rest.popFirst() else { return nil }
    return UInt16(high) << 8 | UInt16(low)
  }

  mutating func skip(_ count: Int) -> Bool {
    guard rest.count >= count else { return false }
    rest = rest.dropFirst(count)
    return true
  }

  /// A name without pointers: labels of 1 to 63 bytes, 255 bytes with their lengths.
  mutating func labels() -> [ArraySlice<UInt8>]? {
    var labels: [ArraySlice<UInt8>] = []
    var total = 1
    while let length = rest.popFirst() {
      if length == 0 { return labels }
      total += Int(length) + 1
      guard length < 64, total <= 255, rest.count >= Int(length) else { return nil }
      labels.append(rest.prefix(Int(length)))
      rest = rest.dropFirst(Int(length))
    }
    return nil
  }

  /// Steps over a name, which a pointer may end. Whether it was the root.
  mutating func skipName() -> Bool? {
    var isRoot = true
    var total = 1
    while let length = rest.popFirst() {
      if length == 0 { return isRoot }
      isRoot = false
      if length >= 0xc0 { return skip(1) ? false : nil }
      total += Int(length) + 1
      guard length < 64, total <= 255, skip(Int(length)) else { return nil }
    }
    return nil
  }
}
