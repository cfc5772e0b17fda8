public import Stacks

/// The addresses of one network and who has which: a pure value.
///
/// An address that was given back is not given out again before those behind it have been, so that
/// what still holds the old answer does not reach another container.
public struct AddressPool<Subnet: AddressRange>: Hashable, Sendable {
  public let network: String
  public let subnet: Subnet
  public let gateway: Subnet.Address
  /// Where addresses are chosen from; those that are asked for by name may lie elsewhere in the subnet.
  public let range: Subnet
  /// Addresses that nobody gets.
  public let reserved: Set<Subnet.Address>
  public private(set) var holders: [Subnet.Address: ContainerID] = [:]
  private var addresses: [ContainerID: Subnet.Address] = [:]
  /// Where the search begins.
  private var next: UInt64 = 1

  public init(
    network: String, subnet: Subnet, gateway: Subnet.Address, range: Subnet? = nil,
    reserved: Set<Subnet.Address> = []
  ) {
    self.network = network
    self.subnet = subnet
    self.gateway = gateway
    self.range = range ?? subnet
    self.reserved = reserved
  }

  /// The address of the container, if it has one.
  public func address(of container: ContainerID) -> Subnet.Address? { addresses[container] }

  /// Gives the container `fixed`, or the next free address. One that has an address keeps it.
  public mutating func allocate(_ container: ContainerID, fixed: Subnet.Address? = nil) throws(NetworkError)
    -> Subnet.Address
  {
    if let held = addresses[container], fixed == nil || fixed == held { return held }
    if let fixed {
      guard isUsable(fixed) else {
        throw .invalid(
          network: network,
          reason: "the address \(fixed) is not one that a container can have in \(subnet): "
            + "it must lie between the first and the last address, not be the gateway \(gateway) and not be "
            + "reserved")
      }
      if let holder = holders[fixed] {
        throw .addressTaken(network: network, address: "\(fixed)", holder: "container \(holder.short)")
      }
      release(container)
      take(fixed, container)
      return fixed
    }
    for step in 0..<range.size {
      let offset = (next + step) % range.size
      guard let address = range.address(at: offset), isUsable(address), holders[address] == nil else {
        continue
      }
      next = offset + 1
      take(address, container)
      return address
    }
    throw .noFreeAddress(network: network, subnet: "\(range)")
  }

  public mutating func release(_ container: ContainerID) {
    if let address = addresses.removeValue(forKey: container) { holders[address] = nil }
  }

  private func isUsable(_ address: Subnet.Address) -> Bool {
    subnet.contains(address) && address != gateway && address != subnet.first && address != subnet.last
      && !reserved.contains(address)
  }

  private mutating func take(_ address: Subnet.Address, _ container: ContainerID) {
    holders[address] = container
    addresses[container] = address
  }
}
