internal import Stacks

/// The contents of the files that make names work in a container. Pure.
enum NameFiles {
  /// `/etc/hosts`: the container's own names, then those of `extra_hosts`; everything else is the DNS
  /// server's. `host` is what the container reaches the host at.
  static func hosts(
    hostname: String, addresses: [IPv4Address], addresses6: [IPv6Address] = [], naming: Naming = Naming(),
    host: IPv4Address = .loopback
  ) -> String {
    var text = """
      127.0.0.1\tlocalhost
      ::1\tlocalhost ip6-localhost ip6-loopback
      fe00::0\tip6-localnet
      ff00::0\tip6-mcastprefix
      ff02::1\tip6-allnodes
      ff02::2\tip6-allrouters

      """
    text += lines(naming.hosts, host: host)
    let short = hostname.split(separator: ".").first.map(String.init) ?? hostname
    let whole = naming.domain.map { "\(hostname).\($0)" } ?? hostname
    let names = short == whole ? whole : "\(whole) \(short)"
    for address in addresses.sorted() { text += "\(address)\t\(names)\n" }
    for address in addresses6.sorted() { text += "\(address)\t\(names)\n" }
    if addresses.isEmpty { text += "127.0.1.1\t\(names)\n" }
    return text
  }

  /// `extra_hosts` as lines of /etc/hosts.
  static func lines(_ hosts: [HostEntry], host: IPv4Address) -> String {
    hosts.map { "\($0.address == HostEntry.hostGateway ? "\(host)" : $0.address)\t\($0.name)\n" }.joined()
  }

  /// `/etc/resolv.conf`: the gateways of the container's networks, where our DNS server listens. A container
  /// without a network of ours asks the servers that it names.
  static func resolver(servers: [IPv4Address], naming: Naming = Naming()) -> String {
    let hasDots = naming.options.contains { $0.hasPrefix("ndots:") }
    let options = (hasDots ? [] : ["ndots:0"]) + naming.options
    // A dot alone: none, not even the local domain.
    let domains =
      naming.searchDomains.isEmpty ? "" : "search \(naming.searchDomains.joined(separator: " "))\n"
    return (servers.isEmpty ? naming.servers : servers).map { "nameserver \($0)\n" }.joined() + domains
      + "options \(options.joined(separator: " "))\n"
  }
}
