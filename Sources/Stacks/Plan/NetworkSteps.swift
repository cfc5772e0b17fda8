// Networks and volumes: what they need, and the steps for them.

extension Planner {
  mutating func judgeVolumes() {
    for (key, definition) in desired.volumes.sorted(by: { $0.key < $1.key }) {
      volumeObstacles[key] = Obstacle(definition, observed)
    }
  }

  /// Judges every network; one is not made anew while a container that would have to go with it
  /// could not be made again.
  mutating func judgeNetworks() {
    let others = roster.orphans + roster.oneOffs.values
    networks = desired.networks.mapValues { NetworkVerdict($0, observed, others: others) }
    // Which of two that differ and have one name is meant, only the user knows: neither is touched.
    let byName = desired.networks.count > 1 ? Dictionary(grouping: desired.networks, by: \.value.name) : [:]
    for (name, same) in byName where Set(same.map(\.value)).count > 1 {
      let keys = same.map(\.key).sorted().joined(separator: " and ")
      for (key, _) in same {
        networks[key] = .held(.blocks("networks \(keys) differ and have one name, \(name); rename one"))
      }
    }
    for (key, obstacle) in lessons.networks { networks[key] = .held(obstacle) }
    spareWatchedNetworks()
    var isSettled = !networks.values.contains { if case .remake = $0 { true } else { false } }
    while !isSettled {
      isSettled = true
      for (key, definition) in desired.networks.sorted(by: { $0.key < $1.key }) {
        guard case .remake(let reason) = networks[key] else { continue }
        for assignment in roster.assignments.values.joined().sorted(by: { $0.slot < $1.slot }) {
          guard let keeper = assignment.keeper, keeper.isAttached(to: definition.name),
            let obstacle = obstacle(to: assignment)
          else { continue }
          let text = "network \(definition.name) differs (\(reason)) but \(assignment.slot) uses it and"
          networks[key] = .held(obstacle.preceded(by: "\(text) cannot be made again:"))
          isSettled = false
          break
        }
      }
    }
  }

  /// Why a container cannot be made for the replica; nil: it can.
  func obstacle(to assignment: Assignment) -> Obstacle? {
    if let known = lessons.replicas[assignment.slot] ?? standingObstacle(to: assignment) { return known }
    for image in assignment.spec.template.images where observed.images[image] == nil {
      return .waits(
        "image \(image) is not stored; import it with `cairn image import FILE`, or `cairn pull`")
    }
    return nil
  }

  /// What is wrong with the ports, networks and volumes of the replica; nil: nothing.
  func standingObstacle(to assignment: Assignment) -> Obstacle? {
    for port in assignment.spec.template.ports where port.hostPort == 0 {
      guard let first = port.firstHostPort, let last = port.lastHostPort else { continue }
      return .blocks(
        "the host's ports \(first)-\(last) are too few: there is none for \(assignment.slot)")
    }
    let keys = assignment.spec.template.networks.keys
    if !keys.allSatisfy({ networks[$0]?.isUsable == true }) {
      for key in keys.sorted() {
        switch networks[key] {
        case nil: return .blocks("network \(key) is not declared")
        case .held(let obstacle): return obstacle
        case .ready, .make, .remake: continue
        }
      }
    }
    for key in assignment.spec.volumeKeys {
      guard desired.volumes[key] != nil else { return .blocks("volume \(key) is not declared") }
      if let obstacle = volumeObstacles[key] { return obstacle }
    }
    return nil
  }

  /// Notes what is wrong with networks and volumes of which no replica can tell.
  mutating func noteUnused() {
    for (key, verdict) in networks {
      guard case .held(let obstacle) = verdict, !isWanted({ $0.template.networks[key] != nil })
      else { continue }
      plan.notes.append(obstacle.reason)
    }
    for (key, obstacle) in volumeObstacles where !isWanted({ $0.volumeKeys.contains(key) }) {
      plan.notes.append(obstacle.reason)
    }
  }

  /// Whether a replica or a one-off container is wanted that `uses` tells of.
  private func isWanted(_ uses: (ContainerSpec) -> Bool) -> Bool {
    roster.assignments.values.contains { $0.contains { uses($0.spec) } }
      || desired.oneOffs.values.contains { uses($0.spec) }
  }

  mutating func makeNetworks() {
    // Nearly always all are there.
    let isAllThere = networks.values.allSatisfy { $0 == .ready }
    for (key, definition) in isAllThere ? [] : desired.networks.sorted(by: { $0.key < $1.key }) {
      guard networkMade[definition.name] == nil else { continue }
      switch networks[key] {
      case .make(let reason):
        networkMade[definition.name] = graph.add(
          .createNetwork(key: key, definition), because: reason)
      case .remake(let reason):
        let removal = graph.add(.removeNetwork(name: definition.name), because: reason)
        networkRemoved[definition.name] = removal
        networkMade[definition.name] = graph.add(
          .createNetwork(key: key, definition), because: "made anew", after: [removal])
      case .ready, .held, nil: break
      }
    }
    for (key, definition) in desired.volumes.sorted(by: { $0.key < $1.key })
    where observed.volumes[definition.name] == nil && !definition.isExternal {
      guard volumeMade[definition.name] == nil else { continue }
      if !desired.watchedServices.isEmpty, isLeftAlone({ $0.volumeKeys.contains(key) }) { continue }
      volumeMade[definition.name] = graph.add(
        .createVolume(key: key, definition), because: "it is missing")
    }
  }

  /// Removes networks of the stack that are wanted no longer, and orders the removal of those that
  /// are made anew after that of what is attached to them.
  mutating func removeNetworks() {
    if keepsUnwantedNetworks { return }
    let wanted = Set(desired.networks.values.lazy.map(\.name))
    let unwanted = observed.networks.values.filter { $0.stack == desired.stack && !wanted.contains($0.name) }
    for network in unwanted.sorted(by: { $0.name < $1.name }) {
      let users = remaining { $0.isAttached(to: network.name) } + network.otherUsers
      guard users.isEmpty else {
        plan.notes.append("network \(network.name) is kept: \(users.joined(separator: ", ")) use it")
        continue
      }
      networkRemoved[network.name] = graph.add(
        .removeNetwork(name: network.name), because: "it is not wanted any more")
    }
    for (name, removal) in networkRemoved {
      for (id, container) in observed.containers where container.isAttached(to: name) {
        if let earlier = removed[id] { graph.order(removal, after: earlier) }
      }
    }
  }

  mutating func removeVolumes() {
    guard options.removeVolumes else { return }
    let wanted = Set(desired.volumes.values.map(\.name))
    for volume in observed.volumes.values.sorted(by: { $0.name < $1.name })
    where volume.stack == desired.stack && !wanted.contains(volume.name) {
      let users = remaining { $0.volumeNames.contains(volume.name) } + volume.otherUsers
      guard users.isEmpty else {
        plan.notes.append("volume \(volume.name) is kept: \(users.joined(separator: ", ")) use it")
        continue
      }
      let earlier = observed.containers.filter { $0.value.volumeNames.contains(volume.name) }
        .compactMap { removed[$0.key] }
      _ = graph.add(
        .removeVolume(name: volume.name), because: "it is not wanted any more", after: earlier)
    }
  }

  /// The containers that this plan does not remove and that are `users`, by instance.
  private func remaining(_ users: (ObservedContainer) -> Bool) -> [String] {
    observed.containers.values.filter { removed[$0.id] == nil && users($0) }
      .map(\.instance).sorted().map(\.description)
  }
}
