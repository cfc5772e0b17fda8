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
    var conflicts: [Slot: Obstacle] = [:]
    var claims: [String: Slot] = [:]
    var holders: [String: [ObservedContainer]] = [:]
    for container in observed.containers.values.sorted(by: { ($0.instance, $0.id) < ($1.instance, $1.id) }) {
      for claim in container.holdings { holders[claim, default: []].append(container) }
    }
    for (slot, creation) in created.sorted(by: { $0.key < $1.key }) {
      for claim in creation.spec.claims {
        for container in holders[claim] ?? [] {
          if let removal = removed[container.id] {
            graph.order(creation.node, after: removal)
          } else if conflicts[slot] == nil {
            conflicts[slot] = .blocks("\(claim) is in use by \(container.instance)")
          }
        }
        if let other = observed.otherNames[creation.spec.name], claim.hasPrefix("name "),
          conflicts[slot] == nil
        {
          conflicts[slot] = .blocks("\(claim) is in use by \(other), outside the stack")
        }
        if let other = claims[claim], conflicts[slot] == nil {
          conflicts[slot] = .blocks("\(claim) is wanted by \(other) as well")
        }
        claims[claim] = claims[claim] ?? slot
      }
    }
    return conflicts
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
