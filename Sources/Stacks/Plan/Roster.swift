/// A container that has no place in what is wanted.
struct Departure {
  var container: ObservedContainer
  var reason: String
}

/// Who is who: which container is which replica, and which must go.
struct Roster {
  /// By service, sorted by number; each service that is wanted has an entry.
  private(set) var assignments: [String: [Assignment]] = [:]
  private(set) var departures: [Departure] = []
  /// Containers of services that are not in the stack, which are kept; sorted.
  private(set) var orphans: [ObservedContainer] = []
  /// One-off containers that are whole, by key.
  private(set) var oneOffs: [String: ObservedContainer] = [:]
  private var generations: [Slot: Int] = [:]

  /// The highest generation of a one-off container's slot; 0: there is none.
  func lastGeneration(of slot: Slot) -> Int { generations[slot] ?? 0 }

  init(_ observed: ObservedState, _ desired: DesiredState, now: Moment, removeOrphans: Bool) {
    var present: [Boxed<ObservedContainer>] = []
    present.reserveCapacity(observed.containers.count)
    for container in observed.containers.values {
      if container.spec.oneOffOf != nil {
        add(oneOff: container)
      } else {
        present.append(Boxed(wrappedValue: container))
      }
    }
    // Those of one service stand together.
    present.sort { ObservedContainer.comesBefore($0.box.value, $1.box.value) }
    let wanted = desired.containers.values.sorted { $0.slot < $1.slot }
    var known = desired.services
    for spec in wanted where !known.contains(spec.slot.service) { known.insert(spec.slot.service) }
    var services = known
    for container in present { services.insert(container.box.value.instance.slot.service) }
    var (containers, specs) = (present[...], wanted[...])
    for service in services.sorted() {
      let all = containers.prefix { $0.box.value.instance.slot.service == service }
      containers = containers[all.endIndex...]
      let own = specs.prefix { $0.slot.service == service }
      specs = specs[own.endIndex...]
      for container in all {
        guard case .broken(let reason) = container.box.value.state else { continue }
        depart(container, "it is not whole: \(reason)")
      }
      let whole = all.filter { !$0.box.value.isBroken }
      if known.contains(service) {
        assign(service, Array(own), whole, observed, desired, now, all: all)
      } else if removeOrphans {
        for container in whole { depart(container, "service \(service) is not in the stack") }
      } else {
        orphans += whole.map(\.wrappedValue)
      }
    }
  }

  private mutating func depart(_ container: Boxed<ObservedContainer>, _ reason: String) {
    departures.append(Departure(container: container.wrappedValue, reason: reason))
  }

  private mutating func add(oneOff container: ObservedContainer) {
    let slot = container.instance.slot
    generations[slot] = max(generations[slot] ?? 0, container.instance.generation)
    if case .broken(let reason) = container.state {
      departures.append(Departure(container: container, reason: "it is not whole: \(reason)"))
    } else {
      oneOffs[slot.service] = container
    }
  }

  /// Gives each wanted replica of a service a container. Containers that exist are kept whatever
  /// their numbers; new ones get the lowest wanted numbers that are free. Where there are too many,
  /// those go first that would be replaced anyhow, then those that are unwell or do not run, then
  /// those with the highest numbers. Where the new one is to be there first, the old one stays as its
  /// predecessor until the new one is ready.
  ///
  /// `specs` are sorted by slot; `whole` and `all`, which has the broken ones too, by instance.
  private mutating func assign(
    _ service: String, _ specs: [ContainerSpec], _ whole: [Boxed<ObservedContainer>],
    _ observed: ObservedState, _ desired: DesiredState, _ now: Moment,
    all: ArraySlice<Boxed<ObservedContainer>>
  ) {
    var comparer = Comparer(images: observed.images, asked: desired.asked[service] ?? Asked())
    // One for each number at most, in the order of the numbers.
    var candidates: [Candidate] = []
    var rivals: [Candidate] = []
    var next = specs.startIndex
    for container in whole {
      let number = container.box.value.instance.slot.number
      while next < specs.endIndex, specs[next].slot.number < number { next += 1 }
      let own = next < specs.endIndex && specs[next].slot.number == number ? specs[next] : nil
      guard let spec = own ?? specs.first?.numbered(number) else {
        depart(container, "no replica is wanted")
        continue
      }
      let candidate = Candidate(container, spec, comparer.compare(container.box.value, spec))
      guard let rival = candidates.last, rival.number == number else {
        candidates.append(candidate)
        continue
      }
      if candidate < rival { candidates[candidates.endIndex - 1] = candidate }
      rivals.append(candidate < rival ? rival : candidate)
    }
    let predecessors = rivals.isEmpty ? [:] : predecessors(rivals, candidates, desired, now)
    if candidates.count > specs.count { dismiss(&candidates, predecessors, keeping: specs.count) }
    assignments[service] = merge(candidates, predecessors, specs, all)
  }

  /// Of those that share a number with a better candidate: who stays beside it, by number. All others go.
  private mutating func predecessors(
    _ rivals: [Candidate], _ candidates: [Candidate], _ desired: DesiredState, _ now: Moment
  ) -> [Int: Boxed<ObservedContainer>] {
    let keepers = Dictionary(uniqueKeysWithValues: candidates.map { ($0.number, $0) })
    var predecessors: [Int: Boxed<ObservedContainer>] = [:]
    for rival in rivals.sorted() {
      guard let kept = keepers[rival.number] else { continue }
      let (container, keeper) = (rival.container.box.value, kept.container.box.value)
      if predecessors[rival.number] == nil, container.staysUp(now), rival.comparison.needsReplacement,
        !kept.comparison.needsReplacement, !isReady(keeper, desired, now)
      {
        predecessors[rival.number] = rival.container
      } else {
        depart(rival.container, "\(keeper.instance) is in its place")
      }
    }
    return predecessors
  }

  /// Whether a container needs nobody beside it.
  private func isReady(_ container: ObservedContainer, _ desired: DesiredState, _ now: Moment) -> Bool {
    let service = container.instance.slot.service
    guard !desired.stoppedServices.contains(service), let policy = desired.updates[service],
      policy.order == .startFirst
    else { return true }
    if case .ready = container.progress(policy, askedAt: desired.asked[service]?.up, now: now) {
      return true
    } else {
      return false
    }
  }

  /// Has the worst candidates go, with their predecessors, so that `count` are left.
  private mutating func dismiss(
    _ candidates: inout [Candidate], _ predecessors: [Int: Boxed<ObservedContainer>], keeping count: Int
  ) {
    let reason = count == 1 ? "only 1 replica is wanted" : "only \(count) replicas are wanted"
    let victims = candidates.sorted().dropFirst(count)
    for victim in victims {
      depart(victim.container, reason)
      if let predecessor = predecessors[victim.number] { depart(predecessor, reason) }
    }
    let numbers = Set(victims.map(\.number))
    candidates.removeAll { numbers.contains($0.number) }
  }

  /// The candidates as replicas, and new ones under the lowest numbers that are free; sorted.
  private func merge(
    _ candidates: [Candidate], _ predecessors: [Int: Boxed<ObservedContainer>], _ specs: [ContainerSpec],
    _ all: ArraySlice<Boxed<ObservedContainer>>
  ) -> [Assignment] {
    var merged: [Assignment] = []
    merged.reserveCapacity(specs.count)
    for candidate in candidates {
      merged.append(
        Assignment(
          candidate.spec, keeper: candidate.container, predecessor: predecessors[candidate.number],
          candidate.comparison, nextGeneration: Self.lastGeneration(candidate.number, all) + 1))
    }
    if candidates.count == specs.count { return merged }
    let taken = Set(candidates.lazy.map(\.number))
    for spec in specs where !taken.contains(spec.slot.number) && merged.count < specs.count {
      merged.append(Assignment(spec, nextGeneration: Self.lastGeneration(spec.slot.number, all) + 1))
    }
    return merged.sorted { $0.slot < $1.slot }
  }

  /// The highest generation under a number among containers that are sorted by instance; 0: there is none.
  private static func lastGeneration(_ number: Int, _ containers: ArraySlice<Boxed<ObservedContainer>>) -> Int
  {
    var (low, high) = (containers.startIndex, containers.endIndex)
    while low < high {
      let middle = (low + high) / 2
      if containers[middle].box.value.instance.slot.number > number {
        high = middle
      } else {
        low = middle + 1
      }
    }
    guard low > containers.startIndex else { return 0 }
    let last = containers[low - 1].box.value.instance
    return last.slot.number == number ? last.generation : 0
  }
}

extension ObservedContainer {
  /// By instance, then by ID.
  static func comesBefore(_ a: ObservedContainer, _ b: ObservedContainer) -> Bool {
    a.instance == b.instance ? a.id < b.id : a.instance < b.instance
  }

  var isBroken: Bool { if case .broken = state { true } else { false } }

  /// It runs, and was not asked to end, or its restart policy has it run again.
  fileprivate func staysUp(_ now: Moment) -> Bool {
    switch state {
    case .running(let running): return running.stopping == nil
    case .created, .broken: return false
    case .exited(let exited):
      let decision = spec.template.decision(after: exited, recentStarts: recentStarts, now: now)
      return switch decision {
      case .starts, .waits: true
      case .stays, .gaveUp: false
      }
    }
  }

  /// nil: it does not run, or was not asked to end.
  var stopping: ContainerState.Stopping? {
    if case .running(let running) = state { running.stopping } else { nil }
  }

  /// Whether it is attached to the network with this name on the machine, running or not.
  func isAttached(to network: String) -> Bool {
    addresses[network] != nil
      || spec.template.networks.keys.contains { spec.networkName($0) == network }
  }

  /// The names on the machine of the networks that its spec attaches it to.
  var networkNames: Set<String> { Set(spec.template.networks.keys.map { spec.networkName($0) }) }

  /// The names on the machine of the volumes that its spec mounts.
  var volumeNames: Set<String> { Set(spec.volumeKeys.map { spec.volumeName($0) }) }
}
