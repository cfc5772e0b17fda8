public import Stacks

/// A subnet of one family, as an address pool needs it.
public protocol AddressRange: Hashable, Sendable, CustomStringConvertible {
  associatedtype Address: Hashable, Sendable, CustomStringConvertible
  var first: Address { get }
  var last: Address { get }
  /// The number of addresses.
  var size: UInt64 { get }
  /// The address `offset` after the first; nil where that is outside.
  func address(at offset: UInt64) -> Address?
  func contains(_ address: Address) -> Bool
}

extension IPv4Subnet: AddressRange {}
extension IPv6Subnet: AddressRange {}
