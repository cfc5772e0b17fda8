// Networks makes bridges, veth pairs, packet filter rules and names be what they should be. It
// takes whole wanted states, keeps what must outlive the process on disk, and finds the rest in
// the kernel. It knows addresses and IDs, never a container's process or root file system.

import Kernel
public import Stacks
import Synchronization

/// The networks of this machine: of the network namespace that the object was made in, which all
/// calls must come from too.
public final class HostNetworks: Sendable {
  let pools: SubnetPools
  let store: NetworkStore
  let state: Mutex<State>
  /// Of its own: the kernel takes its time for links, and nobody else is to wait for that.
  let links: Mutex<NetlinkSocket>
  let nameServer: NameServer
  let news: NetworkNews

  struct State: Sendable {
    var records: [String: NetworkRecord]
    var pools: [String: AddressPool<IPv4Subnet>] = [:]
    var pools6: [String: AddressPool<IPv6Subnet>] = [:]
    var firewall = Firewall()
    var kept: KeptRouting
    let netlink: NetlinkSocket
    let filter: NetlinkSocket
  }

  /// Finds what an earlier engine left: networks on disk, bridges and rules in the kernel. Nothing
  /// that works is interrupted.
  ///
  /// - Parameters:
  ///   - stateDirectory: ours alone; it is created with mode 0700.
  ///   - pools: where networks without a `subnet` get one.
  ///   - resolvers: the file that names the host's name servers, as resolv.conf(5) says.
  public init(
    stateDirectory: String, pools: SubnetPools = .standard, resolvers: String = "/etc/resolv.conf"
  ) throws(NetworkError) {
    self.pools = pools
    store = try NetworkStore(stateDirectory)
    let records = Dictionary(try store.records().map { ($0.name, $0) }) { a, _ in a }
    let boot = try trying("find out which boot this is") { () throws(SystemError) in
      String(try Files.readText("/proc/sys/kernel/random/boot_id").prefix { $0 != "\n" })
    }
    // One that was damaged is worth as little as one from before the boot: it is made anew soon.
    let known: KeptRouting? = try? store.load(Self.keptFile)
    let kept =
      if let known, known.boot == boot { known } else {
        KeptRouting(boot: boot)
      }
    let (netlink, filter, links) = try trying("talk to the kernel about networks") { () throws(SystemError) in
      (try NetlinkSocket(), try NetlinkSocket(.netfilter), try NetlinkSocket())
    }
    self.links = Mutex(links)
    news = try NetworkNews()
    nameServer = try NameServer(resolvers: resolvers)
    state = Mutex(State(records: records, kept: kept, netlink: netlink, filter: filter))
    try state.withLock { (state) throws(NetworkError) in
      for network in try look(&state).networks where network.isUp { try serve(network.name, &state) }
      if !state.records.isEmpty { try settle(&state) }
    }
  }

  static let keptFile = "routing.json"

  /// Ends the name server's thread and lets its sockets go. Bridges, links and rules stay.
  public func close() { nameServer.close() }

  /// Makes published ports and names lead where the routing of all stacks says, as a whole. What
  /// was set last is kept, so that an engine that starts again interrupts nothing before it knows
  /// more.
  public func set(_ routing: Routing) throws(NetworkError) {
    try state.withLock { (state) throws(NetworkError) in
      if state.kept.routing != routing {
        state.kept.routing = routing
        try store.save(state.kept, as: Self.keptFile)
      }
      try settle(&state)
    }
  }

  /// What was set last, by this engine or one before it since the machine was booted.
  public var routing: Routing { state.withLock { $0.kept.routing } }

  /// Makes the firewall and the name server show the state. Without any network there is no table.
  func settle(_ state: inout State) throws(NetworkError) {
    let records = state.records.values.sorted { $0.name < $1.name }
    nameServer.set(
      NameTable(
        zones: records.map {
          NameTable.Zone(network: $0.name, subnet: $0.subnet, isInternal: $0.definition.isInternal)
        }, names: state.kept.routing.names, names6: state.kept.routing.names6))
    if records.isEmpty { return try state.firewall.remove(state.filter) }
    try state.firewall.apply(
      FirewallState(
        networks: records.map {
          FirewallState.Network(
            bridge: $0.bridge, subnet: $0.subnet, gateway: $0.gateway, subnet6: $0.subnet6,
            isInternal: $0.definition.isInternal, nameServerPort: $0.nameServerPort)
        },
        ports: state.kept.routing.ports,
        forbidsOtherForwarding: state.kept.forbidsOtherForwarding,
        forbidsOtherForwarding6: state.kept.forbidsOtherForwarding6 ?? false), state.filter)
  }
}
