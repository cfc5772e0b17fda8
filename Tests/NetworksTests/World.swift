import FoundationEssentials
import Glibc
import Kernel
import Networks
import Stacks
import Synchronization
import Testing

/// A host, and a machine outside that it has a cable to, each in a network namespace of its own, so
/// that every test has the packet filter for itself. Containers are namespaces too: sockets stay in
/// the namespace that they were opened in, so no process is needed.
///
/// The host is 192.0.2.1, the machine outside 192.0.2.2 and has no route to the containers.
final class World: Sendable {
  let host: NetworkNamespace
  let outside: NetworkNamespace
  let directory: String
  private let running: Mutex<HostNetworks>

  static let hostAddress = "192.0.2.1"
  static let outsideAddress = "192.0.2.2"

  init() throws {
    host = try NetworkNamespace.create()
    outside = try NetworkNamespace.create()
    let directory = "/tmp/cairn-networks-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    self.directory = directory
    try Files.makeDirectory(directory)
    try Files.replace(directory + "/resolv.conf", with: Array("nameserver \(Self.outsideAddress)\n".utf8))
    let far = outside.descriptor.number
    try within(host) {
      let netlink = try NetlinkSocket()
      try netlink.performAll([
        LinkMessage.setUp(name: "lo"),
        LinkMessage.createPair(
          host: "out0", master: 0, group: 0, peer: "eth0", peerHardwareAddress: [2, 0, 0, 0, 0, 2],
          namespace: far),
      ])
      try Self.give("out0", Self.hostAddress, 24, netlink)
    }
    try within(outside) {
      let netlink = try NetlinkSocket()
      try Self.give("eth0", Self.outsideAddress, 24, netlink)
      try netlink.performAll([LinkMessage.setUp(name: "lo")])
    }
    running = Mutex(
      try within(host) {
        try HostNetworks(stateDirectory: directory + "/state", resolvers: directory + "/resolv.conf")
      })
  }

  var networks: HostNetworks { running.withLock { $0 } }

  /// Ends the engine's part and starts it again from what is on disk and in the kernel.
  func restart() throws {
    networks.close()
    let directory = directory
    let fresh = try within(host) {
      try HostNetworks(stateDirectory: directory + "/state", resolvers: directory + "/resolv.conf")
    }
    running.withLock { $0 = fresh }
  }

  /// Runs on the host with its networks.
  @discardableResult
  func onHost<T: Sendable>(_ body: @escaping @Sendable (HostNetworks) throws -> T) throws -> T {
    let networks = networks
    return try within(host) { try body(networks) }
  }

  @discardableResult
  func network(_ name: String, isInternal: Bool = false) throws -> ObservedNetwork {
    try onHost {
      try $0.create(
        name: name, definition: NetworkDefinition(name: name, isInternal: isInternal), stack: "s", key: name)
    }
  }

  /// A container on the networks, set up inside as the launch plan would.
  func container(_ names: String...) throws -> Container {
    let id = ContainerID.random()
    let namespace = try NetworkNamespace.create()
    let endpoints = try onHost { networks in
      let attachments = try names.enumerated().map { i, name in
        Attachment(
          container: id, network: name, address: try networks.allocate(network: name, container: id),
          address6: try networks.allocate6(network: name, container: id), interface: "eth\(i)",
          namespace: namespace)
      }
      return try networks.attach(attachments).map { try $0.get() }
    }
    try within(namespace) {
      let netlink = try NetlinkSocket()
      try netlink.performAll([LinkMessage.setUp(name: "lo")])
      for endpoint in endpoints {
        try Self.give(endpoint.interface, endpoint.address.description, endpoint.prefix, netlink)
        guard let six = endpoint.ipv6 else { continue }
        let index = try #require(NetworkSettings.index(ofLink: endpoint.interface))
        try netlink.performAll([
          AddressMessage.add6(six.address.bytes, prefix: six.prefix, index: index),
          RouteMessage.addDefault6(gateway: six.gateway.bytes, index: index),
        ])
      }
      try netlink.performAll([RouteMessage.addDefault(gateway: endpoints[0].gateway.number)])
    }
    return Container(id: id, namespace: namespace, endpoints: endpoints)
  }

  /// Gives a container back the first link that it had.
  func reattach(_ container: Container) throws {
    let endpoint = container.endpoints[0]
    try onHost { networks in
      try networks.reattach(
        Attachment(
          container: container.id, network: endpoint.network, address: endpoint.address,
          interface: endpoint.interface, namespace: container.namespace), leadsOut: true)
    }
  }

  /// Removes everything and makes sure that nothing is left.
  func end(at location: SourceLocation = #_sourceLocation) throws {
    try onHost { networks in
      try networks.remove(try networks.observe().map(\.name))
      try networks.set(Routing())
    }
    networks.close()
    let (links, rules) = try within(host) {
      (
        try NetlinkSocket().links().filter { $0.name.hasPrefix("c") }.map(\.name),
        try NFTables.run("list tables\n")
      )
    }
    #expect(links.isEmpty, sourceLocation: location)
    #expect(rules.isEmpty, sourceLocation: location)
    let files = try Files.list(directory + "/state")
    #expect(files.allSatisfy { $0 == "routing.json" }, sourceLocation: location)
    try Files.removeTree(directory)
  }

  static func give(_ link: String, _ address: String, _ prefix: Int, _ netlink: NetlinkSocket) throws {
    let index = try #require(NetworkSettings.index(ofLink: link))
    let address = try #require(IPv4Address(address))
    try netlink.performAll([
      AddressMessage.add(address.number, prefix: prefix, index: index), LinkMessage.setUp(index: index),
    ])
  }
}

struct Container: Sendable {
  var id: ContainerID
  var namespace: NetworkNamespace
  var endpoints: [Endpoint]
  var address: IPv4Address { endpoints[0].address }

  func backend(_ port: UInt16) -> Backend {
    Backend(container: id, network: endpoints[0].network, address: address, port: port)
  }
}

/// Runs `body` in the namespace, whatever it throws.
@discardableResult
func within<T: Sendable>(_ namespace: NetworkNamespace, _ body: @escaping @Sendable () throws -> T) throws
  -> T
{
  try namespace.run { () throws(SystemError) in Result { try body() } }.get()
}
