import Kernel
public import Stacks
import Synchronization

/// The networks of the machine at one moment, and which containers have links to them.
public struct NetworkView: Sendable {
  /// Those that are recorded, sorted by name.
  public var networks: [ObservedNetwork]
  private var links: Set<LinkEnd>

  private struct LinkEnd: Hashable {
    var network: String
    var container: String
  }

  init(
    _ records: [NetworkRecord], _ links: [Link], _ addresses: [UsedRange], _ addresses6: [UsedRange6],
    hasRules: Bool
  ) {
    let byName = Dictionary(links.map { ($0.name, $0) }) { a, _ in a }
    networks = []
    var names: [UInt32: String] = [:]
    for record in records.sorted(by: { $0.name < $1.name }) {
      let bridge = byName[record.bridge]
      if let bridge { names[bridge.index] = record.name }
      networks.append(record.observed(fault: record.fault(bridge, addresses, addresses6, hasRules: hasRules)))
    }
    self.links = []
    for link in links where link.isUp {
      guard let network = names[link.master], let container = HostNetworks.container(ofLink: link.name) else {
        continue
      }
      self.links.insert(LinkEnd(network: network, container: String(container)))
    }
  }

  /// Whether the container has a link, and that is up, to the network with this name on the machine.
  public func isAttached(_ container: ContainerID, to network: String) -> Bool {
    links.contains(LinkEnd(network: network, container: HostNetworks.linkDigits(of: container)))
  }
}

extension NetworkRecord {
  /// What is wrong with the network; nil: nothing.
  fileprivate func fault(
    _ link: Link?, _ addresses: [UsedRange], _ addresses6: [UsedRange6], hasRules: Bool
  ) -> String? {
    guard let link else { return "its bridge \(bridge) is gone" }
    guard link.isUp else { return "its bridge \(bridge) is down" }
    guard link.group == group else { return "its bridge \(bridge) is in another group" }
    let hasAddress = addresses.contains {
      $0.link == link.index && $0.address == gateway.number && $0.prefix == subnet.prefix
    }
    guard hasAddress else { return "its bridge \(bridge) has lost its address" }
    let hasAddress6 = addresses6.contains {
      $0.link == link.index && $0.address == gateway6?.bytes && $0.prefix == subnet6?.prefix
    }
    guard subnet6 == nil || hasAddress6 else { return "its bridge \(bridge) has lost its IPv6 address" }
    return hasRules ? nil : "its packet filter rules are gone or changed"
  }
}

extension HostNetworks {
  /// Looks at every network and at who is attached.
  public func look() throws(NetworkError) -> NetworkView {
    try state.withLock { (state) throws(NetworkError) in try look(&state) }
  }

  func look(_ state: inout State) throws(NetworkError) -> NetworkView {
    let (links, addresses) = try trying("look at the networks") { () throws(SystemError) in
      (try state.netlink.links(), try state.netlink.addresses())
    }
    var addresses6: [UsedRange6] = []
    if state.records.values.contains(where: { $0.subnet6 != nil }) {
      addresses6 = try trying("look at the networks") { () throws(SystemError) in
        try state.netlink.addresses6()
      }
    }
    return NetworkView(
      Array(state.records.values), links, addresses, addresses6, hasRules: state.firewall.isInPlace())
  }

  /// The networks that are recorded, sorted by name, and what is wrong with each.
  public func observe() throws(NetworkError) -> [ObservedNetwork] { try look().networks }
}
