import Kernel
public import Stacks
import Synchronization

/// Where the kernel tells what happens to links, addresses and packet filter.
struct NetworkNews: Sendable {
  let losses: NetlinkNews
  let filter: NetlinkNews

  init() throws(NetworkError) {
    (losses, filter) = try trying("listen for changes of networks") { () throws(SystemError) in
      (try NetlinkNews(.losses), try NetlinkNews(.filter))
    }
  }
}

/// What of ours was taken away.
public struct NetworkDamage: Hashable, Sendable {
  /// A network may not be as it should be.
  public var networks = false
  /// The beginnings of the IDs of containers whose links were deleted.
  var containers: Set<String> = []

  var isNone: Bool { !networks && containers.isEmpty }

  /// Whether a link of the container was deleted, or of one whose ID begins like its. It may have ended.
  public func mayConcern(_ container: ContainerID) -> Bool {
    containers.contains(HostNetworks.linkDigits(of: container))
  }
}

extension HostNetworks {
  /// Waits until something was taken away, and says what. What this process does itself is none, nor
  /// what was put back by now; what is said may still be no damage: look.
  public func damage() async throws(NetworkError) -> NetworkDamage {
    while true {
      do throws(SystemError) {
        try await Poller.shared.readable(anyOf: [news.losses.descriptor, news.filter.descriptor])
      } catch {
        throw .system("wait for changes of networks", error)
      }
      let found = try heard()
      if !found.isNone { return found }
    }
  }

  /// What has been taken away since the last call; never waits.
  func heard() throws(NetworkError) -> NetworkDamage {
    let (losses, changes) = try trying("hear of changes of networks") { () throws(SystemError) in
      (try news.losses.take(), try news.filter.take())
    }
    var found = NetworkDamage()
    // Where some of the news was lost, anything may have happened.
    found.networks = losses == nil
    var concernsNetworks = false
    for case let loss? in (losses ?? []).map(NetworkLoss.init) {
      switch loss {
      case .address: concernsNetworks = true
      case .down(let link): if Self.isBridge(link) { concernsNetworks = true }
      case .deleted(let link):
        if Self.isBridge(link) { concernsNetworks = true }
        if let digits = Self.container(ofLink: link) { found.containers.insert(String(digits)) }
      }
    }
    try state.withLock { (state) throws(NetworkError) in
      for change in changes ?? [] { state.firewall.hear(of: FilterGeneration.number(of: change)) }
      if changes == nil { state.firewall.hear(of: nil) }
      let isHarmed =
        try concernsNetworks
        ? look(&state).networks.contains { !$0.isUp } : !state.firewall.isInPlace()
      if isHarmed { found.networks = true }
    }
    return found
  }

  private static func isBridge(_ link: String) -> Bool { link.hasPrefix("cn-") }
}
