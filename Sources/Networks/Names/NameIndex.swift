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

  private var zones: [String: NameTable.Zone] = [:]
  private let names: [String: [String: [IPv4Address]]]
  private let names6: [String: [String: [IPv6Address]]]
  /// By network and address: the name that the address leads back to.
  private var reverse: [String: [IPv4Address: String]] = [:]

  init(_ table: NameTable) {
    for zone in table.zones { zones[zone.network] = zone }
    names = table.names
    names6 = table.names6
    for (network, names) in table.names {
      for (name, addresses) in names {
        // Names of several containers tell nothing about one. Of the others the longest is the
        // container's own rather than its service's; a short ID is the last choice.
        guard addresses.count == 1, let address = addresses.first else { continue }
        let other = reverse[network]?[address]
        if other.map({ Self.rank($0) < Self.rank(name) }) ?? true {
          reverse[network, default: [:]][address] = name
        }
      }
    }
  }

  private static func rank(_ name: String) -> (Int, Int, String) {
    let isShortID = name.utf8.count == 12 && name.allSatisfy(\.isHexDigit)
    return (isShortID ? 0 : 1, name.utf8.count, name)
  }

  /// - Parameters:
  ///   - network: the one whose gateway was asked.
  ///   - source: the address that asks.
  ///   - members: who has which address.
  ///   - turn: which of several addresses comes first.
  func decide(
    _ query: NameQuery, at network: String, from source: IPv4Address, members: NameMembers, turn: Int
  ) -> Decision {
    guard let here = zones[network], here.subnet.contains(source) else { return .ignore }
    let shared = members.networks(of: source, on: network)
    if query.recordClass == NameQuery.internet, let name = query.name {
      if let address = Self.address(inReverse: name) {
        for network in shared {
          guard let found = reverse[network]?[address] else { continue }
          let isWanted = query.type == NameQuery.typePointer || query.type == NameQuery.typeAny
          return .answer(isWanted ? .name(found) : .addresses([]))
        }
        // Nobody outside knows about our addresses, and nobody needs to be asked.
        if zones.values.contains(where: { $0.subnet.contains(address) }) {
          return .answer(.failure(3))
        }
      }
      let usual = members.usualName(of: name, for: source, on: network)
      let found = Self.addresses(of: usual, in: shared, names)
      if !found.isEmpty {
        if query.type == NameQuery.typeAAAA {
          let found = Self.addresses(of: usual, in: shared, names6)
          if found.isEmpty { return .answer(.addresses([])) }
          let start = turn % found.count
          return .answer(.addresses6(Array(found[start...] + found[..<start])))
        }
        guard query.type == NameQuery.typeA || query.type == NameQuery.typeAny else {
          return .answer(.addresses([]))
        }
        let start = turn % found.count
        return .answer(.addresses(Array(found[start...] + found[..<start])))
      }
    }
    guard here.isInternal else { return .forward }
    // Never passed on. A container that also has a way out asks its next name server after a
    // failure; for the others the name does not exist.
    let hasOther = shared.contains { zones[$0]?.isInternal == false }
    return .answer(.failure(hasOther ? 2 : 3))
  }

  /// `name`, or `name.network`, on the networks; each address once.
  private static func addresses<Address: Hashable>(
    of name: String, in shared: [String], _ names: [String: [String: [Address]]]
  ) -> [Address] {
    var found: [Address] = []
    var seen: Set<Address> = []
    for key in shared {
      guard let network = names[key] else { continue }
      var matches = network[name] ?? []
      if name.hasSuffix("." + key.lowercased()) {
        matches += network[String(name.dropLast(key.count + 1))] ?? []
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
