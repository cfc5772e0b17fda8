import Stacks
import Testing

@testable import Engine

@Suite struct `The files of names` {
  static let address = IPv4Address("10.1.0.2")!
  static let gateway = IPv4Address("10.1.0.1")!

  private func hosts(_ hostname: String, _ naming: Naming, _ addresses: [IPv4Address] = [address]) -> String {
    NameFiles.hosts(hostname: hostname, addresses: addresses, naming: naming, host: Self.gateway)
      .split(separator: "\n").filter { !$0.hasPrefix("f") && !$0.contains("localhost") }
      .joined(separator: "\n")
  }

  @Test func `hosts has further hosts in their order, the host itself, and the container's full name`() {
    #expect(hosts("box", Naming()) == "10.1.0.2\tbox")
    #expect(hosts("box.example.org", Naming()) == "10.1.0.2\tbox.example.org box")
    #expect(hosts("box", Naming(domain: "example.org")) == "10.1.0.2\tbox.example.org box")
    #expect(hosts("box", Naming(), []) == "127.0.1.1\tbox")
    let six = NameFiles.hosts(
      hostname: "box", addresses: [Self.address], addresses6: [IPv6Address("fd00::2")!])
    #expect(six.hasSuffix("10.1.0.2\tbox\nfd00::2\tbox\n"))
    let naming = Naming(
      hosts: [
        HostEntry(name: "z", address: "1.2.3.4"), HostEntry(name: "a", address: "::1"),
        HostEntry(name: "host", address: HostEntry.hostGateway),
      ])
    #expect(hosts("box", naming) == "1.2.3.4\tz\n::1\ta\n10.1.0.1\thost\n10.1.0.2\tbox")
  }

  @Test func `resolv.conf names our servers, or the container's own where it has no network of ours`() {
    #expect(NameFiles.resolver(servers: [Self.gateway]) == "nameserver 10.1.0.1\noptions ndots:0\n")
    let naming = Naming(
      servers: [IPv4Address("9.9.9.9")!], searchDomains: ["a.org", "b.org"], options: ["timeout:1"])
    #expect(
      NameFiles.resolver(servers: [Self.gateway], naming: naming)
        == "nameserver 10.1.0.1\nsearch a.org b.org\noptions ndots:0 timeout:1\n")
    #expect(
      NameFiles.resolver(servers: [], naming: Naming(servers: naming.servers, options: ["ndots:2"]))
        == "nameserver 9.9.9.9\noptions ndots:2\n")
  }
}
