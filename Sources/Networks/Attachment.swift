public import Kernel
public import Stacks

/// A container that is to be joined to a network.
public struct Attachment: Sendable {
  public var container: ContainerID
  /// The network's name on the machine.
  public var network: String
  public var address: IPv4Address
  /// nil: the network has no IPv6.
  public var address6: IPv6Address?
  /// The interface's name in the container: `eth0` for the first network.
  public var interface: String
  /// The container's network namespace.
  public var namespace: NetworkNamespace
  /// Six bytes; nil: made from the address.
  public var hardwareAddress: [UInt8]?

  public init(
    container: ContainerID, network: String, address: IPv4Address, address6: IPv6Address? = nil,
    interface: String, namespace: NetworkNamespace, hardwareAddress: [UInt8]? = nil
  ) {
    self.container = container
    self.network = network
    self.address = address
    self.address6 = address6
    self.interface = interface
    self.namespace = namespace
    self.hardwareAddress = hardwareAddress
  }
}

/// What the container's side of a network needs to know. The interface is there, down and without
/// an address: the container's own child sets it up.
public struct Endpoint: Codable, Hashable, Sendable {
  public var network: String
  public var interface: String
  public var address: IPv4Address
  public var prefix: Int
  /// The bridge's address: the default route, and the name server.
  public var gateway: IPv4Address
  /// What it has of IPv6; nil: nothing.
  public var ipv6: IPv6?
  /// True: there is no way out of this network, so it needs no default route where another has one.
  public var isInternal: Bool
  public var hardwareAddress: [UInt8]

  public struct IPv6: Codable, Hashable, Sendable {
    public var address: IPv6Address
    public var prefix: Int
    /// The bridge's address: the default route.
    public var gateway: IPv6Address
  }

  /// What resolv.conf in the container should name, in this order: the gateways of its networks,
  /// those with a way out first.
  public static func nameServers(of endpoints: [Endpoint]) -> [IPv4Address] {
    endpoints.filter { !$0.isInternal }.map(\.gateway) + endpoints.filter(\.isInternal).map(\.gateway)
  }

  /// Where the default route of a container should lead; nil: all its networks are internal, and a
  /// route would only make it wait for what never comes.
  public static func defaultGateway(of endpoints: [Endpoint]) -> IPv4Address? {
    endpoints.first { !$0.isInternal }?.gateway
  }

  /// A locally administered address made from the IP address: the same each time, so that no
  /// neighbour's table is stale after a restart.
  static func hardwareAddress(for address: IPv4Address) -> [UInt8] {
    [0x02, 0xca] + (0..<4).map { UInt8(truncatingIfNeeded: address.number >> (24 - 8 * $0)) }
  }
}
