public import Stacks

/// What one stack shows to the world and to its networks: its published ports and its names.
public struct StackPublication: Codable, Hashable, Sendable {
  public var ports: [PublishedPort]
  public var names: [NameEntry]

  public init(ports: [PublishedPort] = [], names: [NameEntry] = []) {
    self.ports = ports
    self.names = names
  }
}

/// The names of one container on one network.
public struct NameEntry: Codable, Hashable, Sendable {
  public var container: ContainerID
  /// The network's name on the machine.
  public var network: String
  public var address: IPv4Address
  /// Service name, aliases, container name, short ID, host name. The first is the one that the
  /// address is resolved back to. Upper and lower case are the same.
  public var names: [String]

  public init(container: ContainerID, network: String, address: IPv4Address, names: [String]) {
    self.container = container
    self.network = network
    self.address = address
    self.names = names
  }
}

/// What was published, kept so that a restarted engine goes on with it; after a reboot it is void.
struct KeptPublications: Codable, Hashable, Sendable {
  var boot: String
  /// True where forwarding was off before we switched it on in this boot.
  var forbidsOtherForwarding: Bool
  var stacks: [String: StackPublication]
}
