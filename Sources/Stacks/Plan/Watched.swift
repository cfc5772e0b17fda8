// Services in which nothing is changed: what is there counts for others as it is.

extension Planner {
  func isWatched(_ service: String) -> Bool { desired.watchedServices.contains(service) }

  /// Nothing at all is to be changed.
  private var isAllWatched: Bool {
    !roster.assignments.isEmpty && desired.oneOffs.isEmpty && desired.jobs.isEmpty
      && roster.assignments.keys.allSatisfy { isWatched($0) }
  }

  /// Whether only watched services use what `uses` tells of, so that it is not touched.
  func isLeftAlone(_ uses: (ContainerSpec) -> Bool) -> Bool {
    if isAllWatched { return true }
    if desired.oneOffs.values.contains(where: { uses($0.spec) }) { return false }
    if desired.jobs.contains(where: { name, job in
      uses(ContainerSpec(slot: Slot(stack: desired.stack, service: name, number: 1), template: job.template))
    }) {
      return false
    }
    let users = roster.assignments.filter { $0.value.contains { uses($0.spec) } }.keys
    return !users.isEmpty && users.allSatisfy { isWatched($0) }
  }

  /// Networks of watched services alone are not made or mended, and none is made anew that one of their
  /// containers is attached to.
  mutating func spareWatchedNetworks() {
    if desired.watchedServices.isEmpty { return }
    for (key, definition) in desired.networks {
      let isSpared = isLeftAlone { $0.template.networks[key] != nil }
      switch networks[key] {
      case .make where isSpared, .remake where isSpared:
        networks[key] = .held(.blocks("network \(definition.name) is only observed"))
      case .remake(let reason):
        let attached = roster.assignments.values.joined().compactMap(\.keeper).filter {
          isWatched($0.instance.slot.service) && $0.isAttached(to: definition.name)
        }
        guard let first = attached.map(\.instance).min() else { continue }
        networks[key] = .held(
          .blocks(
            "network \(definition.name) differs (\(reason)) and cannot be made anew while \(first) uses it, "
              + "whose service is only observed"))
      default: break
      }
    }
  }

  /// Whether networks that are not wanted any more are left.
  var keepsUnwantedNetworks: Bool { isAllWatched }

  /// Notes how a replica of a watched service stands.
  mutating func witness(_ assignment: Assignment) {
    let slot = assignment.slot
    guard let keeper = assignment.keeper else { return conclude(absent(slot, "is missing")) }
    if let predecessor = assignment.predecessor, predecessor.isRunning, keeper.isRunning {
      // Its update stands still: connections go where they went.
      plan.unrouted.insert(keeper.id)
    }
    let serving = assignment.predecessor.flatMap { $0.isRunning ? $0 : nil } ?? keeper
    switch serving.state {
    case .broken, .created:
      conclude(isStopped(slot) ? .off(slot, hasRun: false) : absent(slot, "was never started"))
    case .running(let running): conclude(.runs(slot, running.health))
    case .exited(let exited):
      conclude(
        isStopped(slot) ? .off(slot, hasRun: exited.startFailure == nil) : .ended(slot, exited))
    }
  }

  private func absent(_ slot: Slot, _ what: String) -> Outcome {
    .never(slot, reason: "it \(what) and is only observed; `cairn up \(slot.service)` makes it so")
  }
}
