internal import Stacks

/// The contents of the files that make names work in a container. Pure.
enum NameFiles {
  /// `/etc/hosts`: the container's own names; everything else is the DNS server's.
  static func hosts(hostname: String, addresses: [IPv4Address]) -> String {
    var text = """
      127.0.0.1\tlocalhost
      ::1\tlocalhost ip6-localhost ip6-loopback
      fe00::0\tip6-localnet
      ff00::0\tip6-mcastprefix
      ff02::1\tip6-allnodes
      ff02::2\tip6-allrouters

      """
    let short = hostname.split(separator: ".").first.map(String.init) ?? hostname
    let names = short == hostname ? hostname : "\(hostname) \(short)"
    for address in addresses.sorted() { text += "\(address)\t\(names)\n" }
    if addresses.isEmpty { text += "127.0.1.1\t\(names)\n" }
    return text
  }

  /// `/etc/resolv.conf`: the gateways of the container's networks, where our DNS server listens.
  static func resolver(servers: [IPv4Address]) -> String {
    servers.map { "nameserver \($0)\n" }.joined() + "options ndots:0\n"
  }
}
