import Kernel
public import Stacks
import Synchronization

extension HostNetworks {
  /// Gives the container an address on the network: `fixed`, or the next free one. One that has
  /// an address there keeps it.
  public func allocate(network: String, container: ContainerID, fixed: IPv4Address? = nil)
    throws(NetworkError) -> IPv4Address
  {
    try state.withLock { (state) throws(NetworkError) in
      try Self.withPool(of: network, &state) { (pool) throws(NetworkError) in
        try pool.allocate(container, fixed: fixed)
      }
    }
  }

  /// Takes note of the addresses, by network, that a container has from before the engine was
  /// started. Networks that are not there are passed over.
  public func adopt(_ addresses: [String: IPv4Address], of container: ContainerID) throws(NetworkError) {
    try state.withLock { (state) throws(NetworkError) in
      for (network, address) in addresses.sorted(by: { $0.key < $1.key }) where state.records[network] != nil
      {
        try Self.withPool(of: network, &state) { (pool) throws(NetworkError) in
          _ = try pool.allocate(container, fixed: address)
        }
      }
    }
  }

  /// Takes every address of the container back.
  public func release(_ container: ContainerID) {
    state.withLock { state in
      for name in state.pools.keys { state.pools[name]?.release(container) }
    }
  }

  /// The facts of an endpoint, before anything is made: for the launch plan.
  public func endpoint(network: String, address: IPv4Address, interface: String) throws(NetworkError)
    -> Endpoint
  {
    try state.withLock { (state) throws(NetworkError) in
      guard let record = state.records[network] else { throw .unknownNetwork(network) }
      return Self.endpoint(record, address, interface)
    }
  }

  /// Joins containers to networks: one message each, many in one system call, since the kernel
  /// works on links one at a time anyway. The outcomes are in the order of the attachments; a
  /// failure holds up no other. An attachment ends by itself with its namespace.
  public func attach(_ attachments: [Attachment]) -> [Result<Endpoint, NetworkError>] {
    state.withLock { state in
      var outcomes: [Result<Endpoint, NetworkError>] = []
      var messages: [NetlinkMessage] = []
      var positions: [Int] = []
      var bridges: [String: UInt32] = [:]
      for attachment in attachments {
        guard let record = state.records[attachment.network] else {
          outcomes.append(.failure(.unknownNetwork(attachment.network)))
          continue
        }
        guard let bridge = bridges[record.bridge] ?? NetworkSettings.index(ofLink: record.bridge) else {
          outcomes.append(
            .failure(
              .invalid(
                network: record.name, reason: "its bridge \(record.bridge) is gone; create the network again")
            ))
          continue
        }
        bridges[record.bridge] = bridge
        let endpoint = Self.endpoint(record, attachment.address, attachment.interface)
        positions.append(outcomes.count)
        outcomes.append(.success(endpoint))
        messages.append(
          LinkMessage.createPair(
            host: Self.linkName(attachment.container), master: bridge, group: record.group,
            peer: attachment.interface, peerHardwareAddress: endpoint.hardwareAddress,
            namespace: attachment.namespace.descriptor.number))
      }
      do throws(SystemError) {
        let failures = try state.netlink.perform(messages)
        for (position, failure) in zip(positions, failures) {
          guard let failure else { continue }
          outcomes[position] = .failure(Self.explain(failure, attachments[position]))
        }
      } catch {
        for position in positions {
          outcomes[position] = .failure(Self.explain(error, attachments[position]))
        }
      }
      return outcomes
    }
  }

  private static func explain(_ failure: SystemError, _ attachment: Attachment) -> NetworkError {
    var failure = failure
    if failure.isExchangeFull { failure.hint = "a bridge has room for 1023 containers" }
    return .system(
      "attach container \(attachment.container.short) to the network \(attachment.network)", failure)
  }

  private static func endpoint(_ record: NetworkRecord, _ address: IPv4Address, _ interface: String)
    -> Endpoint
  {
    Endpoint(
      network: record.name, interface: interface, address: address, prefix: record.subnet.prefix,
      gateway: record.gateway, isInternal: record.definition.isInternal,
      hardwareAddress: Endpoint.hardwareAddress(for: address))
  }

  /// The name of the host's end: it says whose it is, and differs each time, since the pair of a
  /// container that was just stopped lives on until the kernel has cleaned up its namespace.
  private static func linkName(_ container: ContainerID) -> String {
    "cv" + container.description.prefix(6) + hex(UInt64.random(in: 0..<(1 << 28)), digits: 7)
  }

  private static func withPool<T>(
    of network: String, _ state: inout State, _ body: (inout AddressPool) throws(NetworkError) -> T
  ) throws(NetworkError) -> T {
    guard let record = state.records[network] else { throw .unknownNetwork(network) }
    var pool =
      state.pools[network]
      ?? AddressPool(network: network, subnet: record.subnet, gateway: record.gateway)
    defer { state.pools[network] = pool }
    return try body(&pool)
  }
}
