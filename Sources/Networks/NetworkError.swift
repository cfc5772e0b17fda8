public import Kernel
public import Stacks

/// What can go wrong with networks, addresses, published ports and names.
public enum NetworkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kernel or the disk refused; the text says what was tried.
  case system(String, SystemError)
  /// What the stack asks for cannot be.
  case invalid(network: String, reason: String)
  case unknownNetwork(String)
  /// A network of that name exists and was made from another definition.
  case differs(network: String)
  /// The subnet overlaps with what `holder` has.
  case subnetTaken(network: String, subnet: String, holder: String)
  case noFreeSubnet(network: String, pools: [IPv4Subnet])
  case noFreeAddress(network: String, subnet: String)
  case addressTaken(network: String, address: String, holder: String)
  /// The host's port is in use; `holder` says by whom, empty where that could not be found out.
  case portTaken(PortMapping, holder: String)

  public var description: String {
    switch self {
    case .system(let tried, let error): "\(tried): \(error)"
    case .invalid(let network, let reason): "network \(network): \(reason)"
    case .unknownNetwork(let name):
      "network \(name): there is no such network; create it first, or remove `external: true`"
    case .differs(let network):
      "create the network \(network): it exists and was made from another definition; remove it first"
    case .subnetTaken(let network, let subnet, let holder):
      "create the network \(network): its subnet \(subnet) overlaps with \(holder); choose another `subnet`, "
        + "or leave it out and a free one is chosen"
    case .noFreeSubnet(let network, let pools):
      "create the network \(network): no subnet is free in \(pools.map(\.description).joined(separator: ", ")); "
        + "remove a network that is not needed, or set a `subnet`"
    case .noFreeAddress(let network, let subnet):
      "network \(network): every address of \(subnet) is in use; give the network a larger `subnet`"
    case .addressTaken(let network, let address, let holder):
      "network \(network): the address \(address) is in use by \(holder); choose another "
        + "`\(address.contains(":") ? "ipv6_address" : "ipv4_address")`"
    case .portTaken(let mapping, let holder):
      "publish port \(mapping.hostPort)/\(mapping.transport.rawValue) at \(mapping.hostText): the port is in use"
        + (holder.isEmpty ? "" : " by \(holder)") + "; stop what uses it or publish another host port"
    }
  }
}

/// Runs `body` and wraps its error with what was tried.
@discardableResult
func trying<T>(_ what: String, _ body: () throws(SystemError) -> T) throws(NetworkError) -> T {
  do { return try body() } catch { throw .system(what, error) }
}
