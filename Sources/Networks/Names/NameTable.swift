public import Stacks

/// Everything the name server knows about our networks.
public struct NameTable: Codable, Hashable, Sendable {
  /// One network.
  public struct Zone: Codable, Hashable, Sendable {
    public var network: String
    public var subnet: IPv4Subnet
    public var gateway: IPv4Address
    /// True: no question from here is ever passed on to another server (CVE-2024-29018).
    public var isInternal: Bool

    public init(network: String, subnet: IPv4Subnet, gateway: IPv4Address, isInternal: Bool) {
      self.network = network
      self.subnet = subnet
      self.gateway = gateway
      self.isInternal = isInternal
    }
  }

  public var zones: [Zone]
  public var entries: [NameEntry]

  public init(zones: [Zone] = [], entries: [NameEntry] = []) {
    self.zones = zones
    self.entries = entries
  }
}
