public import Stacks

/// The addresses of one network and who has which: a pure value.
///
/// An address that was given back is not given out again before those behind it have been, so that
/// what still holds the old answer does not reach another container.
public struct AddressPool: Hashable, Sendable {
  public let network: String
  public let subnet: IPv4Subnet
  public let gateway: IPv4Address
  public private(set) var holders: [IPv4Address: ContainerID] = [:]
  private var addresses: [ContainerID: IPv4Address] = [:]
  /// Where the search begins.
  private var next: UInt64 = 1

  public init(network: String, subnet: IPv4Subnet, gateway: IPv4Address) {
    self.network = network
    self.subnet = subnet
    self.gateway = gateway
  }

  /// The address of the container, if it has one.
  public func address(of container: ContainerID) -> IPv4Address? { addresses[container] }

  /// Gives the container `fixed`, or the next free address. One that has an address keeps it.
  public mutating func allocate(_ container: ContainerID, fixed: IPv4Address? = nil) throws(NetworkError)
    -> IPv4Address
  {
    if let held = addresses[container], fixed == nil || fixed == held { return held }
    if let fixed {
      guard isUsable(fixed) else {
        throw .invalid(
          network: network,
          reason: "the address \(fixed) is not one that a container can have in \(subnet): "
            + "it must lie between the first and the last address and not be the gateway \(gateway)")
      }
      if let holder = holders[fixed] {
        throw .addressTaken(network: network, address: fixed, holder: "container \(holder.short)")
      }
      release(container)
      take(fixed, container)
      return fixed
    }
    for step in 0..<subnet.size {
      let offset = (next + step) % subnet.size
      guard let address = subnet.address(at: offset), isUsable(address), holders[address] == nil else {
        continue
      }
      next = offset + 1
      take(address, container)
      return address
    }
    throw .noFreeAddress(network: network, subnet: subnet)
  }

  public mutating func release(_ container: ContainerID) {
    if let address = addresses.removeValue(forKey: container) { holders[address] = nil }
  }

  private func isUsable(_ address: IPv4Address) -> Bool {
    subnet.contains(address) && address != gateway && address != subnet.first && address != subnet.last
  }

  private mutating func take(_ address: IPv4Address, _ container: ContainerID) {
    holders[address] = container
    addresses[container] = address
  }
}
