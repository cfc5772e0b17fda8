import Stacks

/// Everything the name server knows about our networks but for who is on them.
struct NameTable: Hashable, Sendable {
  /// One network.
  struct Zone: Hashable, Sendable {
    var network: String
    var subnet: IPv4Subnet
    /// True: no question from here is ever passed on to another server (CVE-2024-29018).
    var isInternal: Bool
  }

  var zones: [Zone] = []
  /// By network, then by name in lower case, as `Routing` has it.
  var names: [String: [String: [IPv4Address]]] = [:]
  /// The same for IPv6.
  var names6: [String: [String: [IPv6Address]]] = [:]
}

/// Who has which address, kept as addresses are given out and taken back: a container that asks is
/// known by its address, and sees the names of all its networks.
struct NameMembers: Hashable, Sendable {
  private var containers: [String: [IPv4Address: ContainerID]] = [:]
  private var addresses: [ContainerID: [String: IPv4Address]] = [:]
  private var servers: [ContainerID: [IPv4Address]] = [:]
  private var links: [ContainerID: [String: String]] = [:]

  mutating func set(links: [String: String], of container: ContainerID) {
    let lowered = links.map { ($0.key.lowercased(), $0.value.lowercased()) }
    self.links[container] = links.isEmpty ? nil : Dictionary(lowered) { $1 }
  }

  /// The usual name of what whoever has the address calls `name`.
  func usualName(of name: String, for address: IPv4Address, on network: String) -> String {
    container(at: address, on: network).flatMap { links[$0]?[name] } ?? name
  }

  mutating func set(servers: [IPv4Address], of container: ContainerID) {
    self.servers[container] = servers.isEmpty ? nil : servers
  }

  /// The name servers that whoever has the address wants to be asked; nil: any.
  func servers(of address: IPv4Address, on network: String) -> [IPv4Address]? {
    container(at: address, on: network).flatMap { servers[$0] }
  }

  mutating func add(_ container: ContainerID, on network: String, at address: IPv4Address) {
    if let old = addresses[container]?[network] { containers[network]?[old] = nil }
    containers[network, default: [:]][address] = container
    addresses[container, default: [:]][network] = address
  }

  mutating func remove(_ container: ContainerID) {
    servers[container] = nil
    links[container] = nil
    for (network, address) in addresses.removeValue(forKey: container) ?? [:] {
      containers[network]?[address] = nil
    }
  }

  mutating func remove(network: String) {
    for container in (containers.removeValue(forKey: network) ?? [:]).values {
      addresses[container]?[network] = nil
    }
  }

  func container(at address: IPv4Address, on network: String) -> ContainerID? {
    containers[network]?[address]
  }

  /// The networks of the one that asks, the one where it asks first. One that is not known sees
  /// that one only.
  func networks(of address: IPv4Address, on network: String) -> [String] {
    let all = container(at: address, on: network).flatMap { addresses[$0] } ?? [:]
    return [network] + all.keys.filter { $0 != network }.sorted()
  }
}
