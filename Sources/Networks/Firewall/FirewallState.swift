import Stacks

/// Everything that decides our table in the packet filter.
struct FirewallState: Codable, Hashable, Sendable {
  struct Network: Codable, Hashable, Sendable {
    var bridge: String
    var subnet: IPv4Subnet
    var gateway: IPv4Address
    var isInternal: Bool
    /// Where the name server listens on the gateway; nil: nowhere.
    var nameServerPort: UInt16?
  }

  var networks: [Network]
  var ports: [PublishedPort]
  /// True where the machine was no router before we made it one: it still forwards nothing but
  /// what comes from or goes to our networks.
  var forbidsOtherForwarding: Bool

  init(networks: [Network] = [], ports: [PublishedPort] = [], forbidsOtherForwarding: Bool = false) {
    self.networks = networks
    self.ports = ports
    self.forbidsOtherForwarding = forbidsOtherForwarding
  }
}
