/// What a container is called and how it finds others by name, beyond what its networks give it.
public struct Naming: Codable, Hashable, Sendable {
  /// `domainname`: the NIS domain, and the rest of the full host name; nil: none.
  public var domain: String?
  /// `extra_hosts`: lines of /etc/hosts, in the order of the file.
  public var hosts: [HostEntry]
  /// `dns`: whom questions go to that our own name server has no answer to; empty: the host's servers.
  public var servers: [IPv4Address]
  /// `dns_search`: domains that a short name is tried in; `.` alone: none.
  public var searchDomains: [String]
  /// `dns_opt`: options of resolv.conf(5).
  public var options: [String]
  /// `links`: by the name that this container alone uses, the name that all others use.
  public var links: [String: String]

  public init(
    domain: String? = nil, hosts: [HostEntry] = [], servers: [IPv4Address] = [],
    searchDomains: [String] = [], options: [String] = [], links: [String: String] = [:]
  ) {
    self.domain = domain
    self.hosts = hosts
    self.servers = servers
    self.searchDomains = searchDomains
    self.options = options
    self.links = links
  }
}

/// One entry of `extra_hosts`.
public struct HostEntry: Codable, Hashable, Sendable, CustomStringConvertible {
  public var name: String
  /// An IPv4 or IPv6 address, or `host-gateway`: the address that the container reaches the host at.
  public var address: String

  public init(name: String, address: String) {
    self.name = name
    self.address = address
  }

  public static let hostGateway = "host-gateway"

  /// `NAME=ADDRESS`, as `config` shows it.
  public var description: String { "\(name)=\(address)" }
}
