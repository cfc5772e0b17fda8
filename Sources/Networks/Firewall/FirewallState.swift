import Stacks

/// Everything that decides our table in the packet filter.
struct FirewallState: Codable, Hashable, Sendable {
  struct Network: Codable, Hashable, Sendable {
    var bridge: String
    var subnet: IPv4Subnet
    var gateway: IPv4Address
    /// nil: it has no IPv6.
    var subnet6: IPv6Subnet?
    var isInternal: Bool
    /// Where the name server listens on the gateway; nil: nowhere.
    var nameServerPort: UInt16?
  }

  var networks: [Network]
  var ports: [PublishedPort]
  /// True where the machine was no router before we made it one: it still forwards nothing but
  /// what comes from or goes to our networks.
  var forbidsOtherForwarding: Bool
  /// The same for IPv6.
  var forbidsOtherForwarding6: Bool

  init(
    networks: [Network] = [], ports: [PublishedPort] = [], forbidsOtherForwarding: Bool = false,
    forbidsOtherForwarding6: Bool = false
  ) {
    self.networks = networks
    self.ports = ports
    self.forbidsOtherForwarding = forbidsOtherForwarding
    self.forbidsOtherForwarding6 = forbidsOtherForwarding6
  }

  /// Whether there is a second table, for IPv6.
  var hasIPv6: Bool { networks.contains { $0.subnet6 != nil } }
}
