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
      try take(network, container, fixed, &state)
    }
  }

  /// Gives the container an IPv6 address on the network: `fixed`, or the next free one. nil: the network
  /// has no IPv6.
  public func allocate6(network: String, container: ContainerID, fixed: IPv6Address? = nil)
    throws(NetworkError) -> IPv6Address?
  {
    try state.withLock { (state) throws(NetworkError) in
      try take6(network, container, fixed, &state)
    }
  }

  /// Takes note of the addresses, by network, that a container has from before the engine was
  /// started. Networks that are not there are passed over.
  public func adopt(
    _ addresses: [String: IPv4Address], _ addresses6: [String: IPv6Address] = [:], of container: ContainerID
  ) throws(NetworkError) {
    try state.withLock { (state) throws(NetworkError) in
      for (network, address) in addresses6.sorted(by: { $0.key < $1.key })
      where state.records[network] != nil {
        _ = try take6(network, container, address, &state)
      }
      for (network, address) in addresses.sorted(by: { $0.key < $1.key }) where state.records[network] != nil
      {
        _ = try take(network, container, address, &state)
      }
    }
  }

  /// Whom the container's questions go to that our name server does not answer itself; until `release`.
  /// Empty: the host's own name servers.
  public func setServers(_ servers: [IPv4Address], of container: ContainerID) {
    nameServer.changeMembers { $0.set(servers: servers, of: container) }
  }

  /// What the container alone calls others, by their usual names; until `release`.
  public func setLinks(_ links: [String: String], of container: ContainerID) {
    nameServer.changeMembers { $0.set(links: links, of: container) }
  }

  /// Takes every address of the container back.
  public func release(_ container: ContainerID) {
    state.withLock { state in
      for name in state.pools.keys { state.pools[name]?.release(container) }
      for name in state.pools6.keys { state.pools6[name]?.release(container) }
      nameServer.changeMembers { $0.remove(container) }
    }
  }

  /// The facts of an endpoint, before anything is made: for the launch plan.
  public func endpoint(
    network: String, address: IPv4Address, address6: IPv6Address? = nil, interface: String
  ) throws(NetworkError) -> Endpoint {
    try state.withLock { (state) throws(NetworkError) in
      guard let record = state.records[network] else { throw .unknownNetwork(network) }
      return Self.endpoint(record, address, address6, interface)
    }
  }

  /// Joins containers to networks: one message each, many in one system call, since the kernel
  /// works on links one at a time anyway. The outcomes are in the order of the attachments; a
  /// failure holds up no other. An attachment ends by itself with its namespace.
  public func attach(_ attachments: [Attachment]) -> [Result<Endpoint, NetworkError>] {
    let needsHairpin = Self.bridgesAreFiltered
    var outcomes: [Result<Endpoint, NetworkError>] = []
    var messages: [NetlinkMessage] = []
    var positions: [Int] = []
    var bridges: [String: UInt32] = [:]
    let records = state.withLock { $0.records }
    for attachment in attachments {
      guard let record = records[attachment.network] else {
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
      let endpoint = Self.endpoint(record, attachment.address, attachment.address6, attachment.interface)
      let name = Self.linkName(attachment.container)
      let create = LinkMessage.createPair(
        host: name, master: bridge, group: record.group, peer: attachment.interface,
        peerHardwareAddress: attachment.hardwareAddress ?? endpoint.hardwareAddress,
        namespace: attachment.namespace.descriptor.number, mtu: record.definition.mtu.map(UInt32.init))
      for message in [create] + (needsHairpin ? [LinkMessage.setHairpin(name: name)] : []) {
        positions.append(outcomes.count)
        messages.append(message)
      }
      outcomes.append(.success(endpoint))
    }
    do throws(SystemError) {
      let failures = try links.withLock { (links) throws(SystemError) in try links.perform(messages) }
      for (position, failure) in zip(positions, failures) {
        // The first failure is the cause of the second.
        guard let failure, case .success = outcomes[position] else { continue }
        outcomes[position] = .failure(Self.explain(failure, attachments[position]))
      }
    } catch {
      for position in positions { outcomes[position] = .failure(Self.explain(error, attachments[position])) }
    }
    return outcomes
  }

  /// Gives a running container back a link that it has lost, as it was: the same address and, where
  /// `leadsOut` and `leadsOut6`, the default routes. One that is only cut off from the bridge is joined to it again.
  public func reattach(_ attachment: Attachment, leadsOut: Bool, leadsOut6: Bool = false) throws(NetworkError)
  {
    let what = "attach container \(attachment.container.short) to the network \(attachment.network) again"
    let isJoined = try state.withLock { (state) throws(NetworkError) in
      guard let record = state.records[attachment.network] else {
        throw .unknownNetwork(attachment.network)
      }
      return try trying(what) { () throws(SystemError) in
        let links = try state.netlink.links()
        guard let bridge = links.first(where: { $0.name == record.bridge }),
          let link = links.first(where: {
            Self.container(ofLink: $0.name).map(String.init) == Self.linkDigits(of: attachment.container)
              && $0.group == record.group
          })
        else { return false }
        let join = LinkMessage.enslave(index: link.index, master: bridge.index, group: record.group)
        let hairpin = Self.bridgesAreFiltered ? [LinkMessage.setHairpin(name: link.name)] : []
        try state.netlink.performAll([join] + hairpin)
        return true
      }
    }
    if isJoined { return }
    let endpoint = try attach([attachment])[0].get()
    try trying(what) { () throws(SystemError) in
      let inside = try attachment.namespace.run { () throws(SystemError) in try NetlinkSocket() }
      guard let link = try inside.links().first(where: { $0.name == attachment.interface }) else {
        throw SystemError("find the interface", on: attachment.interface, code: 0)
      }
      var messages = [
        AddressMessage.add(endpoint.address.number, prefix: endpoint.prefix, index: link.index),
        LinkMessage.setUp(index: link.index),
      ]
      if leadsOut { messages.append(RouteMessage.addDefault(gateway: endpoint.gateway.number)) }
      if let six = endpoint.ipv6 {
        messages.append(AddressMessage.add6(six.address.bytes, prefix: six.prefix, index: link.index))
        if leadsOut6 {
          messages.append(RouteMessage.addDefault6(gateway: six.gateway.bytes, index: link.index))
        }
      }
      try inside.performAll(messages)
    }
  }

  /// With br_netfilter, a packet from a container to a published port is led to another container
  /// of the same network by the bridge itself, not by routing. Where that other one is the sender,
  /// the bridge must send it back through the same port.
  private static var bridgesAreFiltered: Bool {
    (try? NetworkSettings.read("bridge/bridge-nf-call-iptables")) == "1"
  }

  private static func explain(_ failure: SystemError, _ attachment: Attachment) -> NetworkError {
    var failure = failure
    if failure.isExchangeFull { failure.hint = "a bridge has room for 1023 containers" }
    return .system(
      "attach container \(attachment.container.short) to the network \(attachment.network)", failure)
  }

  private static func endpoint(
    _ record: NetworkRecord, _ address: IPv4Address, _ address6: IPv6Address?, _ interface: String
  ) -> Endpoint {
    var six: Endpoint.IPv6?
    if let address6, let subnet = record.subnet6, let gateway = record.gateway6 {
      six = Endpoint.IPv6(address: address6, prefix: subnet.prefix, gateway: gateway)
    }
    return Endpoint(
      network: record.name, interface: interface, address: address, prefix: record.subnet.prefix,
      gateway: record.gateway, ipv6: six, isInternal: record.definition.isInternal,
      hardwareAddress: Endpoint.hardwareAddress(for: address))
  }

  /// The name of the host's end: it says whose it is, and differs each time, since the pair of a
  /// container that was just stopped lives on until the kernel has cleaned up its namespace.
  private static func linkName(_ container: ContainerID) -> String {
    "cv" + linkDigits(of: container) + hex(UInt64.random(in: 0..<(1 << 20)), digits: 5)
  }

  /// The beginning of the container's ID that stands in the names of its links.
  static func linkDigits(of container: ContainerID) -> String { String(container.description.prefix(8)) }

  /// The beginning of the ID of the container whose link has this name; nil: it is no such link's.
  static func container(ofLink name: String) -> Substring? {
    name.hasPrefix("cv") && name.utf8.count == 15 ? name.dropFirst(2).prefix(8) : nil
  }

  private func take(
    _ network: String, _ container: ContainerID, _ fixed: IPv4Address?, _ state: inout State
  ) throws(NetworkError) -> IPv4Address {
    guard let record = state.records[network] else { throw .unknownNetwork(network) }
    var pool =
      state.pools.removeValue(forKey: network)
      ?? AddressPool(
        network: network, subnet: record.subnet, gateway: record.gateway, range: record.definition.range,
        reserved: Set(record.definition.reserved.values))
    defer { state.pools[network] = pool }
    let address = try pool.allocate(container, fixed: fixed)
    nameServer.changeMembers { $0.add(container, on: network, at: address) }
    return address
  }

  private func take6(
    _ network: String, _ container: ContainerID, _ fixed: IPv6Address?, _ state: inout State
  ) throws(NetworkError) -> IPv6Address? {
    guard let record = state.records[network] else { throw .unknownNetwork(network) }
    guard let subnet = record.subnet6, let gateway = record.gateway6 else { return nil }
    let part = record.definition.ipv6 ?? IPv6Part()
    var pool =
      state.pools6.removeValue(forKey: network)
      ?? AddressPool(
        network: network, subnet: subnet, gateway: gateway, range: part.range,
        reserved: Set(part.reserved.values))
    defer { state.pools6[network] = pool }
    return try pool.allocate(container, fixed: fixed)
  }
}
