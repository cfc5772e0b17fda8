import Stacks
import Testing

@testable import Networks

@Suite struct NameQueryTests {
  @Test func `A plain question is read`() throws {
    let query = try NameQuery(question("Web.Shop", type: 28, id: 0x1234))
    #expect(query.id == 0x1234 && query.name == "web.shop" && query.type == 28 && query.recordClass == 1)
    #expect(query.answerLimit == 512 && !query.hasEDNS)
    #expect(Array(query.question) == [3] + Array("Web".utf8) + [4] + Array("Shop".utf8) + [0, 0, 28, 0, 1])
  }

  @Test(arguments: [(0, 512), (512, 512), (1000, 1000), (4096, 1232), (65535, 1232)])
  func `EDNS says how long an answer may be`(payload: UInt16, limit: Int) throws {
    let query = try NameQuery(question("web", payload: payload))
    #expect(query.hasEDNS && query.answerLimit == limit)
  }

  @Test(arguments: [
    ("a pointer in the question", 12, 0xc0 as UInt8), ("a label of 64", 12, 64),
    ("a label beyond the end", 12, 60),
    ("two questions", 5, 2), ("an answer", 7, 1), ("an authority", 9, 1), ("many additions", 11, 5),
    ("an addition that is not there", 11, 1),
  ])
  func `What is not one plain question is refused`(what: String, offset: Int, byte: UInt8) {
    var bytes = question("web")
    bytes[offset] = byte
    #expect(fault(bytes) == .refused(id: 7, flags: 0x0100, code: 1), "\(what)")
  }

  @Test func `Answers and scraps are not answered`() {
    var bytes = question("web")
    bytes[2] |= 0x80
    #expect(fault(bytes) == .ignored)
    #expect(fault([]) == .ignored)
    #expect(fault(Array(question("web").prefix(11))) == .ignored)
  }

  @Test func `Other operations are not implemented`() {
    var bytes = question("web")
    bytes[2] = 0x28
    #expect(fault(bytes) == .refused(id: 7, flags: 0x2800, code: 4))
  }

  @Test func `Names longer than 255 bytes and trailing bytes are refused`() {
    let long = Array(repeating: String(repeating: "a", count: 63), count: 4).joined(separator: ".")
    #expect(fault(question(long)) == .refused(id: 7, flags: 0x0100, code: 1))
    #expect(fault(question("web") + [0]) == .refused(id: 7, flags: 0x0100, code: 1))
  }

  /// Everything that random damage makes of questions is either refused or well formed.
  @Test(arguments: 0..<20) func `No damage does harm`(seed: UInt64) {
    var random = Seeded(state: seed)
    let table = NameIndex(NameTable())
    for _ in 0..<2000 {
      var bytes = question(
        ["web", "a.b.c", "1.0.80.10.in-addr.arpa"].randomElement(using: &random) ?? "",
        payload: Bool.random(using: &random) ? 1232 : nil)
      for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.removeSubrange(at...)
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
        case 2: bytes += bytes[at...]
        default: bytes[at] = UInt8.random(in: 0...255, using: &random)
        }
      }
      guard let query = try? NameQuery(bytes) else { continue }
      #expect(query.question.count <= 259 && query.question.count >= 5, "seed \(seed)")
      #expect((512...1232).contains(query.answerLimit), "seed \(seed)")
      _ = table.decide(query, at: "none", from: .loopback, members: NameMembers(), turn: 0)
      let many = NameAnswer.addresses((0..<200).map { IPv4Address(number: $0) })
      let answer = many.encoded(for: query, limit: query.answerLimit)
      #expect(answer.count <= query.answerLimit, "seed \(seed)")
      #expect(DNSReply(answer)?.isTruncated == true, "seed \(seed)")
    }
  }

  @Test func `Long streams are cut into messages, whatever the pieces`() {
    let messages = (0..<20).map { Array(repeating: UInt8($0), count: $0 * 37) }
    let bytes = messages.flatMap(NameStream.framed)
    for size in [1, 2, 3, 7, 100, 5000] {
      var stream = NameStream()
      var found: [[UInt8]] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        stream.append(Array(bytes[start..<min(start + size, bytes.count)]))
        found += stream.takeMessages()
      }
      #expect(found == messages)
    }
  }

  private func fault(_ bytes: [UInt8]) -> NameQuery.Fault? {
    do throws(NameQuery.Fault) {
      _ = try NameQuery(bytes)
      return nil
    } catch {
      return error
    }
  }
}

/// A question as a resolver sends it.
func question(_ name: String, type: UInt16 = 1, id: UInt16 = 7, payload: UInt16? = nil) -> [UInt8] {
  var bytes: [UInt8] = []
  for word in [id, 0x0100, 1, 0, 0, payload == nil ? 0 : 1] as [UInt16] { bytes.appendWord(word) }
  for label in name.split(separator: ".") { bytes += [UInt8(label.utf8.count)] + Array(label.utf8) }
  bytes.append(0)
  bytes.appendWord(type)
  bytes.appendWord(1)
  if let payload {
    bytes += [0, 0, 41]
    bytes.appendWord(payload)
    bytes += [0, 0, 0, 0, 0, 0]
  }
  return bytes
}

/// An answer taken apart, for comparing.
struct DNSReply: Hashable {
  var id: UInt16
  var code: UInt16
  var isTruncated: Bool
  var isAuthoritative: Bool
  var addresses: [String] = []
  var names: [String] = []

  init?(_ bytes: [UInt8]) {
    var reader = NameReader(bytes[...])
    guard let id = reader.word(), let flags = reader.word(), let questions = reader.word(),
      let answers = reader.word(), reader.word() != nil, reader.word() != nil, flags & 0x8000 != 0
    else { return nil }
    self.id = id
    code = flags & 15
    isTruncated = flags & 0x0200 != 0
    isAuthoritative = flags & 0x0400 != 0
    for _ in 0..<questions { guard reader.labels() != nil, reader.skip(4) else { return nil } }
    for _ in 0..<answers {
      guard reader.skipName() != nil, let type = reader.word(), reader.skip(6), let length = reader.word(),
        reader.rest.count >= length
      else { return nil }
      let data = reader.rest.prefix(Int(length))
      guard reader.skip(Int(length)) else { return nil }
      if type == 1 { addresses.append(data.map(String.init).joined(separator: ".")) }
      if type == 12 {
        var inner = NameReader(data)
        names.append(
          (inner.labels() ?? []).map { String(decoding: $0, as: UTF8.self) }.joined(separator: "."))
      }
    }
  }
}
