import Kernel
import Stacks

/// Our table in the kernel's packet filter: set as a whole, only when it differs.
struct Firewall: Sendable {
  /// What was last applied by this process; nil: nothing yet, or the table is removed.
  private var applied: FirewallState?
  /// True once this process knows that there is no table of ours.
  private var isAbsent = false

  /// Somebody else has changed the packet filter since the table was last seen in place.
  private(set) var isSuspect = false
  /// The table was found to be gone, and is set again by the next `apply`.
  private var isLost = false
  /// The generations of the packet filter that this process has made, the last ones.
  private var ownGenerations: [UInt32] = []

  /// Makes the kernel's table be what the state says. A table that is there already with the same
  /// mark, from before the engine was restarted, is left alone.
  mutating func apply(_ state: FirewallState, _ socket: NetlinkSocket) throws(NetworkError) {
    let ruleset = Ruleset(state)
    if let applied, !isLost, Ruleset(applied).generation == ruleset.generation { return }
    var isThere = applied != nil && !isLost
    if !isThere, !isAbsent {
      let found = Self.inquire(state)
      if applied == nil, Self.bear(ruleset.generation, found) {
        // Left where the engine before this one was ended in the middle of a change.
        try run([ruleset.nextRemoval], socket)
        applied = state
        return
      }
      isThere = found[0] != nil
    }
    if isThere { try replace(by: ruleset, socket) } else { try run([ruleset.text], socket) }
    // One of an engine before this one may be left; a kernel without IPv6 has none.
    if !state.hasIPv6, !isAbsent, applied?.hasIPv6 != false { try? run([Ruleset.removal6], socket) }
    let before = applied
    applied = state
    // What others did before is undone by this, and what they do after it has a generation of its own.
    (isAbsent, isLost, isSuspect) = (false, false, false)
    try forgetStaleFlows(from: before, to: state)
  }

  /// Replaces a table that is there so that no packet finds neither the old rules nor the new ones.
  private mutating func replace(by ruleset: Ruleset, _ socket: NetlinkSocket) throws(NetworkError) {
    do throws(NetworkError) {
      try run([ruleset.nextText, ruleset.text, ruleset.nextRemoval], socket)
    } catch {
      try? run([ruleset.nextRemoval], socket)
      throw error
    }
  }

  private mutating func run(
    _ transactions: [String], _ socket: NetlinkSocket, _ action: String = "set the packet filter"
  ) throws(NetworkError) {
    let before = try? FilterGeneration.current(socket)
    try trying(action) { () throws(SystemError) in
      try NFTables.run(transactions: transactions)
    }
    guard let before, let now = try? FilterGeneration.current(socket) else { return }
    // One that is not noted is taken for somebody else's, and costs a look.
    let isOursAlone = now > before && now - before == UInt32(transactions.count)
    ownGenerations = ownGenerations.suffix(30) + (isOursAlone ? before + 1...now : now...now)
  }

  /// The packet filter has come to this generation; nil: to one that is not known.
  mutating func hear(of generation: UInt32?) {
    if let generation, ownGenerations.contains(generation) { return }
    isSuspect = true
  }

  /// Whether the kernel has what was last applied; true where nothing was. Looks only where somebody
  /// else has changed the packet filter since the last look.
  mutating func isInPlace() -> Bool {
    guard let applied else { return true }
    if isSuspect {
      isLost = !Self.isWhole(applied)
      isSuspect = false
    }
    return !isLost
  }

  mutating func remove(_ socket: NetlinkSocket) throws(NetworkError) {
    if isAbsent { return }
    let before = applied
    (applied, isLost) = (nil, false)
    try run([Ruleset.removal], socket, "remove our table from the packet filter")
    if before?.hasIPv6 != false { try? run([Ruleset.removal6], socket) }
    (isAbsent, isSuspect) = (true, false)
  }

  /// How the chain with the mark is listed, of IPv4 and, where the state has it, of IPv6; nil: it is not there.
  private static func inquire(_ state: FirewallState) -> [String?] {
    (state.hasIPv6 ? [Ruleset.inquiry, Ruleset.inquiry6] : [Ruleset.inquiry]).map { try? NFTables.run($0) }
  }

  private static func bear(_ mark: String, _ found: [String?]) -> Bool {
    found.allSatisfy { $0?.contains("\"\(mark)\"") == true }
  }

  /// Whether the table is there and nobody has changed anything in it: the same rules are loaded in an empty
  /// network namespace, and must be listed there as here. Where that cannot be done the mark counts.
  private static func isWhole(_ state: FirewallState) -> Bool {
    let ruleset = Ruleset(state)
    let listing = state.hasIPv6 ? Ruleset.listing + Ruleset.listing6 : Ruleset.listing
    guard let found = try? NFTables.run(listing) else { return false }
    do throws(SystemError) {
      return try NetworkNamespace.create().run { () throws(SystemError) in
        try NFTables.run(ruleset.text)
        return try NFTables.run(listing)
      } == found
    } catch {
      return bear(ruleset.generation, inquire(state))
    }
  }

  /// UDP has no end that the kernel sees: as long as a client goes on sending, its packets follow
  /// the old decision. So the flows to a changed port that lead nowhere now are forgotten.
  private func forgetStaleFlows(from before: FirewallState?, to now: FirewallState) throws(NetworkError) {
    for isIPv6 in now.hasIPv6 || before?.hasIPv6 == true ? [false, true] : [false] {
      let old = Self.datagramTargets(before?.ports ?? [], isIPv6: isIPv6)
      let new = Self.datagramTargets(now.ports, isIPv6: isIPv6)
      let changed = old.symmetricDifference(new)
      if changed.isEmpty { continue }
      let ports = Set(changed.map(\.hostPort))
      let backends = Set(new.map(\.target))
      try trying("forget stale UDP flows") { () throws(SystemError) in
        let socket = try NetlinkSocket()
        let own = Set(
          try isIPv6
            ? socket.addresses6().map(\.address)
            : socket.addresses().map { IPv4Address(number: $0.address).bytes })
        try Conntrack.forget(isIPv6: isIPv6) { flow in
          flow.transport == 17 && ports.contains(flow.originalDestination.port)
            && own.contains(flow.originalDestination.address) && !backends.contains(flow.replySource)
        }
      }
    }
  }

  private struct DatagramTarget: Hashable {
    var host: String
    var hostPort: UInt16
    var target: TrackedFlow.End
  }

  private static func datagramTargets(_ ports: [PublishedPort], isIPv6: Bool) -> Set<DatagramTarget> {
    var targets: Set<DatagramTarget> = []
    for port in ports where port.mapping.transport == .udp {
      if isIPv6 ? !port.mapping.isOnIPv6 : port.mapping.hostAddress6 != nil { continue }
      for backend in port.backends {
        guard let address = isIPv6 ? backend.address6?.bytes : backend.address.bytes else { continue }
        targets.insert(
          DatagramTarget(
            host: port.mapping.hostText, hostPort: port.mapping.hostPort,
            target: .init(address: address, port: backend.port)))
      }
    }
    return targets
  }
}
