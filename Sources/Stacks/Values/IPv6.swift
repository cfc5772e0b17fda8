/// An IPv6 address, kept as the 128-bit number in host byte order.
public struct IPv6Address: Hashable, Comparable, Sendable, TextCoded {
  public static let textKind = "IPv6 address"
  public let number: UInt128

  public init(number: UInt128) { self.number = number }

  /// nil unless `text` is an address as RFC 4291, section 2.2 has it, without a zone and without brackets.
  public init?(_ text: some StringProtocol) {
    let text = String(text)
    let halves = IPv6Address.halves(text)
    guard (1...2).contains(halves.count) else { return nil }
    var words: [[UInt16]] = []
    for (index, half) in halves.enumerated() {
      // An IPv4 address may stand for the last two words.
      guard let found = IPv6Address.words(half, mayEndInIPv4: index == halves.count - 1) else { return nil }
      words.append(found)
    }
    let count = words.reduce(0) { $0 + $1.count }
    if halves.count == 1 {
      guard count == 8 else { return nil }
    } else {
      guard count <= 7 else { return nil }
      words.insert(Array(repeating: 0, count: 8 - count), at: 1)
    }
    number = words.joined().reduce(0) { $0 << 16 | UInt128($1) }
  }

  /// The parts before and after `::`; one part where there is none, three where there are two.
  private static func halves(_ text: String) -> [Substring] {
    var parts: [Substring] = []
    var rest = text[...]
    while let range = rest.firstRange(of: "::") {
      parts.append(rest[..<range.lowerBound])
      rest = rest[range.upperBound...]
    }
    return parts + [rest]
  }

  private static func words(_ half: Substring, mayEndInIPv4: Bool) -> [UInt16]? {
    if half.isEmpty { return [] }
    let parts = half.split(separator: ":", omittingEmptySubsequences: false)
    var words: [UInt16] = []
    for (index, part) in parts.enumerated() {
      if mayEndInIPv4, index == parts.count - 1, part.contains("."), let address = IPv4Address(part) {
        words += [UInt16(address.number >> 16), UInt16(truncatingIfNeeded: address.number)]
        continue
      }
      guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
        part.utf8.allSatisfy({ $0 < 128 }), let word = UInt16(part, radix: 16)
      else { return nil }
      words.append(word)
    }
    return words
  }

  public static let any = IPv6Address(number: 0)
  public static let loopback = IPv6Address(number: 1)

  /// The address in network order.
  public var bytes: [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: number >> (120 - 8 * UInt128($0))) } }

  /// As RFC 5952 has it: small letters, no leading zeros, `::` for the longest run of zeros.
  public var description: String {
    let words = (0..<8).map { UInt16(truncatingIfNeeded: number >> (112 - 16 * UInt128($0))) }
    var best = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, words[end] == 0 { end += 1 }
      if end - start > max(best.count, 1) { best = start..<end }
      start = max(end, start + 1)
    }
    func text(_ words: ArraySlice<UInt16>) -> String {
      words.map { String($0, radix: 16) }.joined(separator: ":")
    }
    if best.isEmpty { return text(words[...]) }
    return text(words[..<best.lowerBound]) + "::" + text(words[best.upperBound...])
  }

  public static func < (a: IPv6Address, b: IPv6Address) -> Bool { a.number < b.number }
}

/// An IPv6 network in CIDR form, such as `fd00:1::/64`; the host bits are zero.
public struct IPv6Subnet: Hashable, Comparable, Sendable, TextCoded {
  public static let textKind = "IPv6 subnet"
  public let base: IPv6Address
  /// The number of leading bits that name the network, 0 to 128.
  public let prefix: Int

  /// The network that `address` lies in; the host bits of `address` are cleared.
  public init(containing address: IPv6Address, prefix: Int) {
    precondition((0...128).contains(prefix))
    self.prefix = prefix
    base = IPv6Address(number: address.number & IPv6Subnet.mask(prefix))
  }

  /// nil unless `text` is an IPv6 address, a slash and a number from 0 to 128.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv6Address(parts[0]), let bits = Int(parts[1]),
      (0...128).contains(bits)
    else { return nil }
    self.init(containing: address, prefix: bits)
  }

  static func mask(_ prefix: Int) -> UInt128 { prefix == 0 ? 0 : ~UInt128(0) << UInt128(128 - prefix) }

  public var first: IPv6Address { base }
  public var last: IPv6Address { IPv6Address(number: base.number | ~IPv6Subnet.mask(prefix)) }
  /// The number of addresses in it; at most 2^63, more of which nobody counts.
  public var size: UInt64 { 128 - prefix > 63 ? 1 << 63 : 1 << UInt64(128 - prefix) }
  /// The address `offset` after the first; nil where that is outside.
  public func address(at offset: UInt64) -> IPv6Address? {
    offset < size ? IPv6Address(number: base.number + UInt128(offset)) : nil
  }
  public func contains(_ address: IPv6Address) -> Bool {
    address.number & IPv6Subnet.mask(prefix) == base.number
  }
  public func overlaps(_ other: IPv6Subnet) -> Bool { contains(other.base) || other.contains(base) }

  public var description: String { "\(base)/\(prefix)" }

  public static func < (a: IPv6Subnet, b: IPv6Subnet) -> Bool { (a.base, a.prefix) < (b.base, b.prefix) }
}
