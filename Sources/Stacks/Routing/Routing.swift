/// Which names and published ports lead to which containers: what a resolver answers and what a
/// balancer spreads connections over.
///
/// It is a plain value for all stacks together, made anew from every observation; the parts that
/// keep name servers and packet filters compare it with what they have.
public struct Routing: Codable, Hashable, Sendable {
  /// Sorted by address and port on the host; no two have the same.
  public var ports: [PublishedPort]
  /// Ports that cannot be published because another service has them; sorted.
  public var conflicts: [PortConflict]
  /// By the network's name on the machine, then by name in lower case: the addresses that the name
  /// stands for, sorted.
  public var names: [String: [String: [IPv4Address]]]
  /// The same for IPv6.
  public var names6: [String: [String: [IPv6Address]]]

  public init(
    ports: [PublishedPort] = [], conflicts: [PortConflict] = [],
    names: [String: [String: [IPv4Address]]] = [:], names6: [String: [String: [IPv6Address]]] = [:]
  ) {
    self.ports = ports
    self.conflicts = conflicts
    self.names = names
    self.names6 = names6
  }
}

/// One port on the host and the containers behind it, among which connections are spread.
public struct PublishedPort: Codable, Hashable, Sendable {
  public var stack: String
  public var service: String
  /// With the host port that was chosen; never 0.
  public var mapping: PortMapping
  /// Sorted by address; never empty.
  public var backends: [Backend]

  public init(stack: String, service: String, mapping: PortMapping, backends: [Backend]) {
    self.stack = stack
    self.service = service
    self.mapping = mapping
    self.backends = backends
  }
}

/// One container that answers on a published port.
public struct Backend: Codable, Hashable, Sendable {
  public var container: ContainerID
  /// The network's name on the machine.
  public var network: String
  public var address: IPv4Address
  /// nil: it has no IPv6 there.
  public var address6: IPv6Address?
  /// The port in the container.
  public var port: UInt16

  public init(
    container: ContainerID, network: String, address: IPv4Address, address6: IPv6Address? = nil, port: UInt16
  ) {
    self.container = container
    self.network = network
    self.address = address
    self.address6 = address6
    self.port = port
  }
}

/// A port that a service asks for and another has.
public struct PortConflict: Codable, Hashable, Sendable, CustomStringConvertible {
  public var mapping: PortMapping
  /// `STACK/SERVICE` of the one that is not served.
  public var loser: String
  /// `STACK/SERVICE` of the one that is.
  public var holder: String

  public init(mapping: PortMapping, loser: String, holder: String) {
    self.mapping = mapping
    self.loser = loser
    self.holder = holder
  }

  public var description: String {
    "port \(mapping) of \(loser) is not published: \(holder) has it"
  }
}
