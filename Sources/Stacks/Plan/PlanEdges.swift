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
    var found: [Slot: Obstacle] = [:]
    var claims: [String: Slot] = [:]
    let holders = holders()
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

  /// Who holds what, in a fixed order.
  private func holders() -> [String: [ObservedContainer]] {
    var holders: [String: [ObservedContainer]] = [:]
    for container in observed.containers.values.sorted(by: {
      ($0.instance, $0.id) < ($1.instance, $1.id)
    }) {
      for claim in container.holdings { holders[claim, default: []].append(container) }
    }
    return holders
  }

  /// Containers with a fixed address are made before those that take any that is free on the network.
  private mutating func orderAddresses() {
    var fixed: [String: [PlanGraph.NodeID]] = [:]
    var free: [String: [PlanGraph.NodeID]] = [:]
    for creation in created.values {
      let attachments = creation.spec.template.networks
      let isFixed = attachments.values.contains { $0.address != nil }
      for (key, attachment) in attachments {
        let name = creation.spec.networkName(key)
        if attachment.address != nil {
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
    var found: [String: Obstacle] = [:]
    var claims: [(name: String, subnet: IPv4Subnet, node: PlanGraph.NodeID)] = []
    var free: [PlanGraph.NodeID] = []
    for (key, definition) in desired.networks.sorted(by: { $0.key < $1.key }) {
      guard let node = networkMade[definition.name] else { continue }
      guard let subnet = definition.subnet else {
        free.append(node)
        continue
      }
      for other in observed.networks.values.sorted(by: { $0.name < $1.name })
      where other.name != definition.name && other.subnet.overlaps(subnet) {
        if let removal = networkRemoved[other.name] {
          graph.order(node, after: removal)
        } else if found[key] == nil {
          found[key] = .blocks("subnet \(subnet) overlaps that of network \(other.name)")
        }
      }
      if let other = claims.first(where: { $0.name != definition.name && $0.subnet.overlaps(subnet) }),
        found[key] == nil
      {
        found[key] = .blocks("subnet \(subnet) overlaps that of network \(other.name)")
      }
      claims.append((definition.name, subnet, node))
    }
    for node in free { for claim in claims { graph.order(node, after: claim.node) } }
    return found
  }
}

extension ContainerSpec {
  /// What only one container can have: its slot, its name and its fixed addresses.
  fileprivate var claims: [String] {
    let fixed = template.networks.sorted { $0.key < $1.key }.compactMap { key, attachment in
      attachment.address.map { "address \($0) on \(networkName(key))" }
    }
    return ["slot \(slot)", "name \(name)"] + fixed
  }
}

extension ObservedContainer {
  /// What it has that others may claim.
  fileprivate var holdings: Set<String> {
    Set(spec.claims + addresses.map { "address \($0.value) on \($0.key)" })
      .union(["slot \(instance.slot)"])
  }
}
