public import Stacks

/// The ranges out of which networks without a `subnet` get one.
public struct SubnetPools: Hashable, Sendable {
  public var ranges: [IPv4Subnet]
  /// The prefix of each network's part.
  public var prefix: Int

  public init(ranges: [IPv4Subnet], prefix: Int) {
    self.ranges = ranges
    self.prefix = prefix
  }

  /// A /20 holds 4093 containers: more than a bridge has ports (1023). The first range has 256 of
  /// them; the others serve where the host or its VPN uses the first.
  public static let standard = SubnetPools(
    ranges: ["10.80.0.0/12", "172.16.0.0/12", "192.168.0.0/16"].compactMap { IPv4Subnet($0) }, prefix: 20)

  /// The first part that overlaps with nothing in `taken`; nil: there is none.
  public func firstFree(avoiding taken: [IPv4Subnet]) -> IPv4Subnet? {
    for range in ranges where range.prefix <= prefix {
      let step = UInt64(1) << UInt64(32 - prefix)
      for offset in stride(from: 0, to: range.size, by: Int(step)) {
        guard let base = range.address(at: offset) else { continue }
        let subnet = IPv4Subnet(containing: base, prefix: prefix)
        if !taken.contains(where: subnet.overlaps) { return subnet }
      }
    }
    return nil
  }

  /// A part of the unique local addresses (RFC 4193): 40 bits of chance behind `fd`, and the first /64 of
  /// them, that overlaps with nothing in `taken`.
  public static func unique(avoiding taken: [IPv6Subnet], from numbers: inout some RandomNumberGenerator)
    -> IPv6Subnet
  {
    while true {
      let chance = UInt128(UInt64.random(in: 0..<(1 << 40), using: &numbers))
      let subnet = IPv6Subnet(
        containing: IPv6Address(number: UInt128(0xfd) << 120 | chance << 80), prefix: 64)
      if !taken.contains(where: subnet.overlaps) { return subnet }
    }
  }
}
