/// An IPv4 address, kept as the 32-bit number in host byte order.
public struct IPv4Address: Hashable, Comparable, Sendable, TextCoded {
  public static let textKind = "IPv4 address"
  public let number: UInt32

  public init(number: UInt32) { self.number = number }

  /// nil unless `text` is four decimal numbers from 0 to 255 joined by dots, without leading zeros.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var number: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
        part == "0" || !part.hasPrefix("0"), let byte = UInt8(part)
      else { return nil }
      number = number << 8 | UInt32(byte)
    }
    self.number = number
  }

  public static let any = IPv4Address(number: 0)
  public static let loopback = IPv4Address(number: 0x7f00_0001)

  /// The address in network order.
  public var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }

  public var description: String {
    "\(number >> 24).\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
  }

  public static func < (a: IPv4Address, b: IPv4Address) -> Bool { a.number < b.number }
}

/// An IPv4 network in CIDR form, such as `10.89.0.0/24`; the host bits are zero.
public struct IPv4Subnet: Hashable, Comparable, Sendable, TextCoded {
  public static let textKind = "IPv4 subnet"
  public let base: IPv4Address
  /// The number of leading bits that name the network, 0 to 32.
  public let prefix: Int

  /// The network that `address` lies in; the host bits of `address` are cleared.
  public init(containing address: IPv4Address, prefix: Int) {
    precondition((0...32).contains(prefix))
    self.prefix = prefix
    base = IPv4Address(number: address.number & IPv4Subnet.mask(prefix))
  }

  /// nil unless `text` is an IPv4 address, a slash and a number from 0 to 32.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv4Address(parts[0]), let bits = Int(parts[1]),
      (0...32).contains(bits)
    else { return nil }
    self.init(containing: address, prefix: bits)
  }

  static func mask(_ prefix: Int) -> UInt32 { prefix == 0 ? 0 : ~UInt32(0) << (32 - prefix) }

  /// The number of addresses in it, network and broadcast address included.
  public var size: UInt64 { 1 << UInt64(32 - prefix) }
  public var first: IPv4Address { base }
  public var last: IPv4Address { IPv4Address(number: base.number | ~IPv4Subnet.mask(prefix)) }
  /// The address `offset` after the first; nil where that is outside.
  public func address(at offset: UInt64) -> IPv4Address? {
    offset < size ? IPv4Address(number: base.number + UInt32(offset)) : nil
  }
  public func contains(_ address: IPv4Address) -> Bool {
    address.number & IPv4Subnet.mask(prefix) == base.number
  }
  public func overlaps(_ other: IPv4Subnet) -> Bool {
    contains(other.base) || other.contains(base)
  }

  public var description: String { "\(base)/\(prefix)" }

  public static func < (a: IPv4Subnet, b: IPv4Subnet) -> Bool {
    (a.base, a.prefix) < (b.base, b.prefix)
  }
}
