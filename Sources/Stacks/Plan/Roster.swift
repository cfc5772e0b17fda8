/// One replica that should exist, and the container that is it now.
struct Assignment {
  /// What it is to be made from.
  var spec: ContainerSpec
  /// nil: there is none, or only a broken one.
  var keeper: ObservedContainer?
  /// What the keeper is to take the place of and is kept until the keeper is ready.
  var predecessor: ObservedContainer?
  /// How the keeper differs from the spec; equal where there is no keeper.
  var comparison: Comparison
  /// What the next container in the slot gets.
  var nextGeneration: Int

  var slot: Slot { spec.slot }
}

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
    let present = Dictionary(grouping: observed.containers.values.filter { $0.spec.oneOffOf == nil }) {
      $0.instance.slot.service
    }
    for container in observed.containers.values where container.spec.oneOffOf != nil {
      add(oneOff: container)
    }
    let wanted = Dictionary(grouping: desired.containers.values, by: \.slot.service)
    let known = desired.services.union(wanted.keys)
    for service in known.union(present.keys).sorted() {
      let containers = (present[service] ?? []).sorted { ($0.instance, $0.id) < ($1.instance, $1.id) }
      for container in containers {
        guard case .broken(let reason) = container.state else { continue }
        departures.append(Departure(container: container, reason: "it is not whole: \(reason)"))
      }
      let whole = containers.filter { !$0.isBroken }
      if known.contains(service) {
        let specs = (wanted[service] ?? []).sorted { $0.slot < $1.slot }
        let policy = desired.stoppedServices.contains(service) ? nil : desired.updates[service]
        assign(service, now, specs, whole, containers) { container, spec in
          Comparison(container, spec, observed.images, desired.asked[service] ?? Asked())
        } isReady: { container in
          guard let policy, policy.order == .startFirst else { return true }
          let askedAt = desired.asked[service]?.up
          if case .ready = container.progress(policy, askedAt: askedAt, now: now) {
            return true
          } else {
            return false
          }
        }
      } else if removeOrphans {
        departures += whole.map {
          Departure(container: $0, reason: "service \(service) is not in the stack")
        }
      } else {
        orphans += whole
      }
    }
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
  private mutating func assign(
    _ service: String, _ now: Moment, _ specs: [ContainerSpec], _ whole: [ObservedContainer],
    _ all: [ObservedContainer], compare: (ObservedContainer, ContainerSpec) -> Comparison,
    isReady: (ObservedContainer) -> Bool
  ) {
    var generations: [Int: Int] = [:]
    for container in all {
      let instance = container.instance
      generations[instance.slot.number] = max(
        generations[instance.slot.number] ?? 0, instance.generation)
    }
    var specOf: [Int: ContainerSpec] = [:]
    for spec in specs { specOf[spec.slot.number] = spec }
    var candidates: [Int: Candidate] = [:]
    var rivals: [Candidate] = []
    for container in whole {
      let number = container.instance.slot.number
      guard let spec = specOf[number] ?? specs.first?.numbered(number) else {
        departures.append(Departure(container: container, reason: "no replica is wanted"))
        continue
      }
      let candidate = Candidate(container, spec, compare(container, spec))
      guard let rival = candidates[number] else {
        candidates[number] = candidate
        continue
      }
      let (kept, dropped) = candidate < rival ? (candidate, rival) : (rival, candidate)
      candidates[number] = kept
      rivals.append(dropped)
    }
    var predecessors: [Int: ObservedContainer] = [:]
    for rival in rivals.sorted() {
      let number = rival.spec.slot.number
      guard let kept = candidates[number] else { continue }
      if predecessors[number] == nil, rival.container.staysUp(now), rival.comparison.needsReplacement,
        !kept.comparison.needsReplacement, !isReady(kept.container)
      {
        predecessors[number] = rival.container
      } else {
        departures.append(
          Departure(container: rival.container, reason: "\(kept.container.instance) is in its place"))
      }
    }
    let ranked = candidates.values.sorted()
    for victim in ranked.dropFirst(specs.count) {
      let reason = specs.count == 1 ? "only 1 replica is wanted" : "only \(specs.count) replicas are wanted"
      let number = victim.spec.slot.number
      for container in [victim.container, predecessors[number]].compactMap({ $0 }) {
        departures.append(Departure(container: container, reason: reason))
      }
      candidates[number] = nil
    }
    let free = specs.filter { candidates[$0.slot.number] == nil }
      .prefix(specs.count - candidates.count)
    let kept = candidates.values.map { ($0.spec, $0.container as ObservedContainer?, $0.comparison) }
    assignments[service] = (kept + free.map { ($0, nil, Comparison()) }).map {
      Assignment(
        spec: $0, keeper: $1, predecessor: $1 == nil ? nil : predecessors[$0.slot.number], comparison: $2,
        nextGeneration: (generations[$0.slot.number] ?? 0) + 1)
    }.sorted { $0.slot < $1.slot }
  }

  /// A container that could be the replica with its number; the least is the best.
  private struct Candidate: Comparable {
    let container: ObservedContainer
    let spec: ContainerSpec
    let comparison: Comparison

    init(_ container: ObservedContainer, _ spec: ContainerSpec, _ comparison: Comparison) {
      self.container = container
      self.spec = spec
      self.comparison = comparison
    }

    private var rank: (Int, Int, Int, Int, ContainerID) {
      return (
        comparison.needsReplacement ? 1 : 0, wellness, container.instance.slot.number,
        -container.instance.generation, container.id
      )
    }

    private var wellness: Int {
      guard case .running(let running) = container.state, running.stopping == nil else { return 2 }
      return switch running.health {
      case .none, .healthy: 0
      case .starting: 1
      case .unhealthy: 2
      }
    }

    static func < (a: Candidate, b: Candidate) -> Bool { a.rank < b.rank }
    static func == (a: Candidate, b: Candidate) -> Bool { a.rank == b.rank }
  }
}

extension ObservedContainer {
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
    addresses[network] != nil || networkNames.contains(network)
  }

  /// The names on the machine of the networks that its spec attaches it to.
  var networkNames: Set<String> { Set(spec.template.networks.keys.map { spec.networkName($0) }) }

  /// The names on the machine of the volumes that its spec mounts.
  var volumeNames: Set<String> { Set(spec.volumeKeys.map { spec.volumeName($0) }) }
}
