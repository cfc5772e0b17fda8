public import Stacks

/// Everything that decides our table in the packet filter.
public struct FirewallState: Codable, Hashable, Sendable {
  public struct Network: Codable, Hashable, Sendable {
    public var bridge: String
    public var subnet: IPv4Subnet
    public var gateway: IPv4Address
    public var isInternal: Bool
    /// Where the name server listens on the gateway; nil: nowhere.
    public var nameServerPort: UInt16?

    public init(
      bridge: String, subnet: IPv4Subnet, gateway: IPv4Address, isInternal: Bool,
      nameServerPort: UInt16?
    ) {
      self.bridge = bridge
      self.subnet = subnet
      self.gateway = gateway
      self.isInternal = isInternal
      self.nameServerPort = nameServerPort
    }
  }

  public var networks: [Network]
  public var ports: [PublishedPort]
  /// True where the machine was no router before we made it one: it still forwards nothing but
  /// what comes from or goes to our networks.
  public var forbidsOtherForwarding: Bool

  public init(networks: [Network] = [], ports: [PublishedPort] = [], forbidsOtherForwarding: Bool = false) {
    self.networks = networks
    self.ports = ports
    self.forbidsOtherForwarding = forbidsOtherForwarding
  }
}
