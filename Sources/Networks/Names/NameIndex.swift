import Stacks

/// A name table made ready to be asked. A pure value.
struct NameIndex: Sendable {
  /// What to do with a question.
  enum Decision: Hashable, Sendable {
    case answer(NameAnswer)
    /// The host's own name servers shall say.
    case forward
    /// No word: it came from where nobody of ours is.
    case ignore
  }

  private struct Network {
    var zone: NameTable.Zone
    var addresses: [String: [IPv4Address]] = [:]
    var names: [IPv4Address: String] = [:]
    var containers: [IPv4Address: ContainerID] = [:]
  }

  private var networks: [String: Network] = [:]
  private var memberships: [ContainerID: [String]] = [:]

  init(_ table: NameTable) {
    for zone in table.zones { networks[zone.network] = Network(zone: zone) }
    for entry in table.entries where networks[entry.network] != nil {
      for name in Set(entry.names.map { $0.lowercased() }) {
        networks[entry.network]?.addresses[name, default: []].append(entry.address)
      }
      if let first = entry.names.first { networks[entry.network]?.names[entry.address] = first }
      networks[entry.network]?.containers[entry.address] = entry.container
      memberships[entry.container, default: []].append(entry.network)
    }
  }

  /// - Parameters:
  ///   - network: the one whose gateway was asked.
  ///   - source: the address that asks.
  ///   - turn: which of several addresses comes first.
  func decide(_ query: NameQuery, at network: String, from source: IPv4Address, turn: Int) -> Decision {
    guard let here = networks[network], here.zone.subnet.contains(source) else { return .ignore }
    // One that is not in the table yet sees the network that it asks from.
    let container = here.containers[source]
    let shared = [network] + (container.flatMap { memberships[$0] } ?? []).filter { $0 != network }.sorted()
    if query.recordClass == NameQuery.internet, let name = query.name {
      if let address = Self.address(inReverse: name) {
        for network in shared {
          guard let found = networks[network]?.names[address] else { continue }
          let isWanted = query.type == NameQuery.typePointer || query.type == NameQuery.typeAny
          return .answer(isWanted ? .name(found) : .addresses([]))
        }
        // Nobody outside knows about our addresses, and nobody needs to be asked.
        if networks.values.contains(where: { $0.zone.subnet.contains(address) }) {
          return .answer(.failure(3))
        }
      }
      let found = addresses(of: name, in: shared)
      if !found.isEmpty {
        guard query.type == NameQuery.typeA || query.type == NameQuery.typeAny else {
          return .answer(.addresses([]))
        }
        let start = turn % found.count
        return .answer(.addresses(Array(found[start...] + found[..<start])))
      }
    }
    guard here.zone.isInternal else { return .forward }
    // Never passed on. A container that also has a way out asks its next name server after a
    // failure; for the others the name does not exist.
    let hasOther = shared.contains { networks[$0]?.zone.isInternal == false }
    return .answer(.failure(hasOther ? 2 : 3))
  }

  /// `name`, or `name.network`, on the networks; each address once.
  private func addresses(of name: String, in shared: [String]) -> [IPv4Address] {
    var found: [IPv4Address] = []
    var seen: Set<IPv4Address> = []
    for key in shared {
      guard let network = networks[key] else { continue }
      var matches = network.addresses[name] ?? []
      if name.hasSuffix("." + key.lowercased()) {
        matches += network.addresses[String(name.dropLast(key.count + 1))] ?? []
      }
      for address in matches where seen.insert(address).inserted { found.append(address) }
    }
    return found
  }

  /// `4.3.2.1.in-addr.arpa` is 1.2.3.4.
  static func address(inReverse name: String) -> IPv4Address? {
    let suffix = ".in-addr.arpa"
    guard name.hasSuffix(suffix) else { return nil }
    return IPv4Address(
      name.dropLast(suffix.count).split(separator: ".", omittingEmptySubsequences: false).reversed()
        .joined(separator: "."))
  }
}
