import Kernel
import Stacks

/// What a network has of IPv6.
extension HostNetworks {
  /// Decides subnet and gateway of a new network; nil: it has no IPv6.
  func plan6(name: String, _ definition: NetworkDefinition, _ state: State) throws(NetworkError)
    -> (IPv6Subnet?, IPv6Address?)
  {
    guard let part = definition.ipv6 else { return (nil, nil) }
    let taken = try takenSubnets6(state)
    let subnet: IPv6Subnet
    if let wanted = part.subnet {
      guard (8...126).contains(wanted.prefix) else {
        throw .invalid(
          network: name, reason: "the subnet \(wanted) must have a prefix from /8 to /126 to hold containers")
      }
      if let holder = taken.first(where: { $0.subnet.overlaps(wanted) }) {
        throw .subnetTaken(network: name, subnet: "\(wanted)", holder: holder.name)
      }
      subnet = wanted
    } else {
      var numbers = SystemRandomNumberGenerator()
      subnet = SubnetPools.unique(avoiding: taken.map(\.subnet), from: &numbers)
    }
    guard let gateway = part.gateway ?? subnet.address(at: 1), subnet.contains(gateway),
      gateway != subnet.first, gateway != subnet.last
    else {
      throw .invalid(
        network: name,
        reason: "the gateway \(part.gateway ?? subnet.first) is no host address of its subnet \(subnet)")
    }
    if let range = part.range, !subnet.contains(range.first) || !subnet.contains(range.last) {
      throw .invalid(network: name, reason: "the range \(range) is not within its subnet \(subnet)")
    }
    if let (what, outside) = part.reserved.sorted(by: { $0.key < $1.key }).first(where: {
      !subnet.contains($0.value)
    }) {
      throw .invalid(
        network: name, reason: "the address \(outside), reserved for \(what), is not in its subnet \(subnet)")
    }
    return (subnet, gateway)
  }

  /// What the host uses and what our networks have, with words for messages. Addresses of a link alone, of
  /// groups, and a default route are no claim.
  private func takenSubnets6(_ state: State) throws(NetworkError) -> [(subnet: IPv6Subnet, name: String)] {
    let (links, ranges) = try trying("look at the host's IPv6 routes") { () throws(SystemError) in
      (try state.netlink.links(), try state.netlink.addresses6() + state.netlink.routes6())
    }
    let names = Dictionary(links.map { ($0.index, $0.name) }) { a, _ in a }
    let ours = Set(state.records.values.map(\.bridge))
    var taken: [(subnet: IPv6Subnet, name: String)] = []
    for record in state.records.values.sorted(by: { $0.name < $1.name }) {
      guard let subnet = record.subnet6 else { continue }
      taken.append((subnet, "the network \(record.name) (\(subnet))"))
    }
    for range in ranges where range.prefix >= 8 && (0...128).contains(range.prefix) {
      let link = names[range.link] ?? "another interface"
      let number = range.address.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
      let isOfLink = range.address[0] == 0xfe && range.address[1] & 0xc0 == 0x80
      if ours.contains(link) || isOfLink || range.address[0] == 0xff { continue }
      let subnet = IPv6Subnet(containing: IPv6Address(number: number), prefix: range.prefix)
      taken.append((subnet, "\(subnet), which the host reaches through \(link)"))
    }
    return taken
  }

  /// Forwarding is one switch for the machine. Where it was off, what is not ours stays forbidden. A router
  /// takes no advertisements any more unless it is told to: links that took them go on.
  func enableForwarding6(_ state: inout State) throws(NetworkError) {
    let setting = "ipv6/conf/all/forwarding"
    let isOn = try trying("switch IPv6 forwarding on") { () throws(SystemError) in
      if try NetworkSettings.read(setting) != "0" { return true }
      for link in try state.netlink.links() {
        let accepts = "ipv6/conf/\(link.name)/accept_ra"
        if (try? NetworkSettings.read(accepts)) == "1" {
          try NetworkSettings.write("2", to: accepts, mayBeAbsent: true)
        }
      }
      try NetworkSettings.write("1", to: setting)
      return false
    }
    if !isOn {
      state.kept.forbidsOtherForwarding6 = true
      try store.save(state.kept, as: Self.keptFile)
    }
  }
}
