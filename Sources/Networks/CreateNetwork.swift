import Kernel
public import Stacks
import Synchronization

extension HostNetworks {
  /// Creates a network: its record, its bridge, its rules and its name server. One that is there
  /// with the same definition is left as it is, or gets again what it has lost of these.
  ///
  /// - Parameters:
  ///   - stack: the stack that it belongs to; nil: made by hand.
  ///   - key: its key in the stack file.
  @discardableResult
  public func create(name: String, definition: NetworkDefinition, stack: String?, key: String)
    throws(NetworkError) -> ObservedNetwork
  {
    try state.withLock { (state) throws(NetworkError) in
      if let record = state.records[name] {
        guard record.definition == definition else { throw .differs(network: name) }
      } else {
        let record = try plan(name: name, definition: definition, stack: stack, key: key, state)
        try store.save(record)
        state.records[name] = record
      }
      guard let record = state.records[name] else { throw .unknownNetwork(name) }
      try enableForwarding(&state)
      if record.subnet6 != nil { try enableForwarding6(&state) }
      try makeBridge(record, state)
      try serve(name, &state)
      try settle(&state)
      return record.observed()
    }
  }

  /// Decides subnet, gateway and names of a new network.
  private func plan(
    name: String, definition: NetworkDefinition, stack: String?, key: String, _ state: State
  ) throws(NetworkError) -> NetworkRecord {
    if definition.isExternal { throw .unknownNetwork(name) }
    let taken = try takenSubnets(state)
    let subnet: IPv4Subnet
    if let wanted = definition.subnet {
      guard (8...30).contains(wanted.prefix) else {
        throw .invalid(
          network: name, reason: "the subnet \(wanted) must have a prefix from /8 to /30 to hold containers")
      }
      if let holder = taken.first(where: { $0.subnet.overlaps(wanted) }) {
        throw .subnetTaken(network: name, subnet: "\(wanted)", holder: holder.name)
      }
      subnet = wanted
    } else {
      guard let free = pools.firstFree(avoiding: taken.map(\.subnet)) else {
        throw .noFreeSubnet(network: name, pools: pools.ranges)
      }
      subnet = free
    }
    guard let gateway = definition.gateway ?? subnet.address(at: 1), subnet.contains(gateway),
      gateway != subnet.first, gateway != subnet.last
    else {
      throw .invalid(
        network: name,
        reason: "the gateway \(definition.gateway ?? subnet.first) is no host address of its subnet \(subnet)"
      )
    }
    if let range = definition.range, !subnet.contains(range.first) || !subnet.contains(range.last) {
      throw .invalid(network: name, reason: "the range \(range) is not within its subnet \(subnet)")
    }
    if let (what, outside) = definition.reserved.sorted(by: { $0.key < $1.key }).first(where: {
      !subnet.contains($0.value)
    }) {
      throw .invalid(
        network: name, reason: "the address \(outside), reserved for \(what), is not in its subnet \(subnet)")
    }
    let (subnet6, gateway6) = try plan6(name: name, definition, state)
    var attempt = 0
    var identity = NetworkRecord.identity(of: name, attempt: 0)
    while state.records.values.contains(where: { $0.bridge == identity.bridge || $0.group == identity.group })
    {
      attempt += 1
      identity = NetworkRecord.identity(of: name, attempt: attempt)
    }
    return NetworkRecord(
      name: name, stack: stack, key: key, definition: definition, subnet: subnet, gateway: gateway,
      subnet6: subnet6, gateway6: gateway6, bridge: identity.bridge, group: identity.group)
  }

  /// What the host uses and what our networks have, with words for messages. A default route, and
  /// the halves that some VPNs set instead, are no claim.
  private func takenSubnets(_ state: State) throws(NetworkError) -> [(subnet: IPv4Subnet, name: String)] {
    let (links, ranges) = try trying("look at the host's routes") { () throws(SystemError) in
      (try state.netlink.links(), try state.netlink.addresses() + state.netlink.routes())
    }
    let names = Dictionary(links.map { ($0.index, $0.name) }) { a, _ in a }
    let ours = Set(state.records.values.map(\.bridge))
    var taken = state.records.values.sorted { $0.name < $1.name }
      .map { (subnet: $0.subnet, name: "the network \($0.name) (\($0.subnet))") }
    for range in ranges where range.prefix >= 8 {
      let link = names[range.link] ?? "another interface"
      if ours.contains(link) { continue }
      let subnet = IPv4Subnet(containing: IPv4Address(number: range.address), prefix: range.prefix)
      taken.append((subnet, "\(subnet), which the host reaches through \(link)"))
    }
    return taken
  }

  /// Makes the bridge where it is missing and sets it up; each step may have been done already.
  private func makeBridge(_ record: NetworkRecord, _ state: State) throws(NetworkError) {
    try trying("create the network \(record.name)") { () throws(SystemError) in
      if NetworkSettings.index(ofLink: record.bridge) == nil {
        try state.netlink.performAll([
          LinkMessage.createBridge(
            record.bridge, group: record.group,
            hardwareAddress: Endpoint.hardwareAddress(for: record.gateway),
            mtu: record.definition.mtu.map(UInt32.init))
        ])
      }
      for (setting, value) in Self.settings(of: record) {
        try NetworkSettings.write(
          value, to: setting, mayBeAbsent: setting.hasPrefix("ipv6/") && record.subnet6 == nil)
      }
      guard let index = NetworkSettings.index(ofLink: record.bridge) else {
        throw SystemError(
          "find the bridge", on: record.bridge, code: 0, hint: "somebody removed it meanwhile")
      }
      var messages = [
        AddressMessage.add(record.gateway.number, prefix: record.subnet.prefix, index: index),
        LinkMessage.setGroup(index: index, record.group), LinkMessage.setUp(index: index),
      ]
      if let subnet = record.subnet6, let gateway = record.gateway6 {
        messages.append(AddressMessage.add6(gateway.bytes, prefix: subnet.prefix, index: index))
      }
      try state.netlink.performAll(messages)
    }
  }

  /// The settings of a bridge, under /proc/sys/net: each is set, none inherited from the host.
  static func settings(of record: NetworkRecord) -> [(String, String)] {
    let v4 = "ipv4/conf/\(record.bridge)/"
    let v6 = "ipv6/conf/\(record.bridge)/"
    return [
      (v6 + "disable_ipv6", record.subnet6 == nil ? "1" : "0"),
      (v6 + "accept_ra", "0"),
      (v4 + "forwarding", "1"),
      // Packets whose source is not of the subnet are dropped.
      (v4 + "rp_filter", "1"),
      // Lets 127.0.0.1 on the host reach published ports; the chain `martians` keeps others out.
      (v4 + "route_localnet", record.definition.isInternal ? "0" : "1"),
      (v4 + "accept_redirects", "0"),
      (v4 + "send_redirects", "0"),
      (v4 + "accept_source_route", "0"),
    ]
  }

  /// Forwarding is one switch for the machine. Where it was off, what is not ours stays forbidden.
  private func enableForwarding(_ state: inout State) throws(NetworkError) {
    let isOn = try trying("switch forwarding on") { () throws(SystemError) in
      if try NetworkSettings.read("ipv4/ip_forward") != "0" { return true }
      try NetworkSettings.write("1", to: "ipv4/ip_forward")
      return false
    }
    if !isOn {
      state.kept.forbidsOtherForwarding = true
      try store.save(state.kept, as: Self.keptFile)
    }
  }

  /// Opens the name server's sockets on the network's gateway, at the port that they had before
  /// where that is free.
  func serve(_ name: String, _ state: inout State) throws(NetworkError) {
    guard var record = state.records[name] else { return }
    let port = try nameServer.serve(name, at: record.gateway, preferring: record.nameServerPort)
    if port != record.nameServerPort {
      record.nameServerPort = port
      state.records[name] = record
      try store.save(record)
    }
  }
}
