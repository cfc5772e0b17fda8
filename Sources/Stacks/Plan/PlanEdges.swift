// Edges between the steps of different containers.

extension Planner {
  /// Stops dependents before what they depend on; services that do not depend on one another are
  /// stopped at the same time.
  mutating func orderStops() {
    for (service, nodes) in stops {
      for dependent in order.nearestDependents(of: service, in: stops) {
        for earlier in stops[dependent] ?? [] {
          for node in nodes { graph.order(node, after: earlier) }
        }
      }
    }
  }

  /// A name or a fixed address has one holder at a time: a container is made after the one that has
  /// it is removed. Returns those that cannot be made because the holder stays.
  mutating func orderHolders() -> [Slot: Obstacle] {
    if created.isEmpty { return [:] }
    var found: [Slot: Obstacle] = [:]
    var claims: [Claim: Slot] = [:]
    let holders = holders(of: Set(created.values.flatMap(\.spec.claims)))
    for (slot, creation) in created.sorted(by: { $0.key < $1.key }) {
      func object(_ why: String) {
        if found[slot] == nil { found[slot] = .blocks(why) }
      }
      for claim in creation.spec.claims {
        for container in holders[claim] ?? [] {
          // The slot and its name go over to the successor.
          if overlapped.contains(container.id), container.instance.slot == slot { continue }
          if let removal = removed[container.id] {
            graph.order(creation.node, after: removal)
          } else {
            object("\(claim) is in use by \(container.instance)")
          }
        }
        if let other = claims[claim] { object("\(claim) is wanted by \(other) as well") }
        claims[claim] = claims[claim] ?? slot
      }
      if let other = observed.otherNames[creation.spec.name] {
        object("name \(creation.spec.name) is in use by \(other)")
      }
    }
    orderAddresses()
    return found
  }

  /// Who holds what is claimed, by instance.
  private func holders(of claims: Set<Claim>) -> [Claim: [ObservedContainer]] {
    var holders: [Claim: [ObservedContainer]] = [:]
    for container in observed.containers.values {
      for claim in container.holdings where claims.contains(claim) {
        holders[claim, default: []].append(container)
      }
    }
    return holders.mapValues { $0.count > 1 ? $0.sorted(by: ObservedContainer.comesBefore) : $0 }
  }

  /// Containers with a fixed address are made before those that take any that is free on the network.
  private mutating func orderAddresses() {
    var fixed: [String: [PlanGraph.NodeID]] = [:]
    var free: [String: [PlanGraph.NodeID]] = [:]
    for creation in created.values {
      let attachments = creation.spec.template.networks
      let isFixed = attachments.values.contains { $0.address != nil || $0.address6 != nil }
      for (key, attachment) in attachments {
        let name = creation.spec.networkName(key)
        if attachment.address != nil || attachment.address6 != nil {
          fixed[name, default: []].append(creation.node)
        } else if !isFixed {
          free[name, default: []].append(creation.node)
        }
      }
    }
    for (name, earlier) in fixed {
      for node in free[name] ?? [] { for other in earlier { graph.order(node, after: other) } }
    }
  }

  /// A network with a subnet of its own is made after those are gone whose subnets it overlaps, and
  /// before those that take any that is free. Returns those that cannot be made.
  mutating func orderSubnets() -> [String: Obstacle] {
    if networkMade.isEmpty { return [:] }
    var found: [String: Obstacle] = [:]
    var claims: [(name: String, subnets: Subnets, node: PlanGraph.NodeID)] = []
    var free: [PlanGraph.NodeID] = []
    for (key, definition) in desired.networks.sorted(by: { $0.key < $1.key }) {
      guard let node = networkMade[definition.name] else { continue }
      let subnets = Subnets(definition)
      // A free IPv6 subnet is drawn from so many that it need not be last.
      if subnets.subnet == nil { free.append(node) }
      if subnets.isNone { continue }
      for other in observed.networks.values.sorted(by: { $0.name < $1.name })
      where other.name != definition.name {
        guard let overlap = subnets.overlap(Subnets(other)) else { continue }
        if let removal = networkRemoved[other.name] {
          graph.order(node, after: removal)
        } else if found[key] == nil {
          found[key] = .blocks("subnet \(overlap) overlaps that of network \(other.name)")
        }
      }
      for other in claims where other.name != definition.name && found[key] == nil {
        guard let overlap = subnets.overlap(other.subnets) else { continue }
        found[key] = .blocks("subnet \(overlap) overlaps that of network \(other.name)")
      }
      claims.append((definition.name, subnets, node))
    }
    for claim in claims where claim.subnets.subnet != nil {
      for node in free { graph.order(node, after: claim.node) }
    }
    return found
  }
}

/// The subnets of a network; nil: any, or none.
private struct Subnets {
  var subnet: IPv4Subnet?
  var subnet6: IPv6Subnet?

  init(_ definition: NetworkDefinition) {
    (subnet, subnet6) = (definition.subnet, definition.ipv6?.subnet)
  }

  init(_ network: ObservedNetwork) { (subnet, subnet6) = (network.subnet, network.subnet6) }

  var isNone: Bool { subnet == nil && subnet6 == nil }

  /// Ours that overlaps one of the others, for people; nil: none does.
  func overlap(_ other: Subnets) -> String? {
    if let subnet, let theirs = other.subnet, subnet.overlaps(theirs) { return subnet.description }
    if let subnet6, let theirs = other.subnet6, subnet6.overlaps(theirs) { return subnet6.description }
    return nil
  }
}

/// What only one container can have.
private enum Claim: Hashable {
  case slot(Slot)
  case name(String)
  /// On the network with a name on the machine.
  case address(IPv4Address, network: String)
  case address6(IPv6Address, network: String)
}

extension Claim: CustomStringConvertible {
  var description: String {
    switch self {
    case .slot(let slot): "slot \(slot)"
    case .name(let name): "name \(name)"
    case .address(let address, let network): "address \(address) on \(network)"
    case .address6(let address, let network): "address \(address) on \(network)"
    }
  }
}

extension ContainerSpec {
  /// Its slot, its name and its fixed addresses.
  fileprivate var claims: [Claim] {
    var found = [Claim.slot(slot), .name(name)]
    let attachments = boxed.box.value.networks
    if attachments.values.allSatisfy({ $0.address == nil && $0.address6 == nil }) { return found }
    let sorted = attachments.sorted { $0.key < $1.key }
    for (key, attachment) in sorted {
      if let address = attachment.address { found.append(.address(address, network: networkName(key))) }
    }
    for (key, attachment) in sorted {
      if let address = attachment.address6 { found.append(.address6(address, network: networkName(key))) }
    }
    return found
  }
}

extension ObservedContainer {
  /// What it has that others may claim.
  fileprivate var holdings: Set<Claim> {
    var found = Set(spec.claims)
    found.insert(.slot(instance.slot))
    for (network, address) in addresses { found.insert(.address(address, network: network)) }
    for (network, address) in addresses6 { found.insert(.address6(address, network: network)) }
    return found
  }
}
