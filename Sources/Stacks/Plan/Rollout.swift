/// Which replicas of a service may be replaced in this pass, where a policy says how.
struct Rollout {
  /// What a replica that differs may do now.
  enum Turn: Equatable {
    /// It may be replaced, and the old one is stopped first.
    case now
    /// Its successor may be made beside it.
    case beside
    case later(Obstacle)

    fileprivate var isWaiting: Bool {
      if case .later(let obstacle) = self { !obstacle.isLasting } else { false }
    }
  }

  /// nil: there is nothing to replace, to watch or to take back.
  private(set) var status: UpdateStatus?
  /// When something becomes ready by itself that something else waits for.
  private(set) var lookAgain: Moment?
  private let policy: UpdatePolicy
  /// When the user last asked for the service; nil: never.
  private let askedAt: Moment?
  private var turns: [Slot: Turn] = [:]
  /// Why replicas that are as they should be hold a place, in the order of the slots.
  private var underWay: [String] = []
  private var failures: [String] = []
  /// When a replica gives its place up, or its watch ends, by itself.
  private var placeEnds: [Moment] = []
  private var watchEnds: [Moment] = []

  /// Why a replica is not ready; nil: it is.
  func shortfall(of container: ObservedContainer, now: Moment) -> String? {
    switch container.progress(policy, askedAt: askedAt, now: now) {
    case .ready: nil
    case .pending(let why, _), .failed(let why): why
    }
  }

  /// What a replica that differs may do; nil: there is none in the slot.
  func turn(of slot: Slot) -> Turn? { turns[slot] }

  /// Whether replicas are still to be replaced, or were so just now.
  var isUnderWay: Bool { status.map { $0.updated < $0.total } ?? false || !underWay.isEmpty }

  /// `isUndoable`: the service has something to go back to. `askedAt`: when the user last asked for it.
  /// `mayBegin`: whether nothing but its turn keeps a replica from being replaced.
  init(
    _ assignments: [Assignment], _ policy: UpdatePolicy, isUndoable: Bool, askedAt: Moment?, now: Moment,
    mayBegin: (Assignment) -> Bool
  ) {
    self.policy = policy
    self.askedAt = askedAt
    let outdated = assignments.filter { $0.hasKeeper && $0.comparison.needsReplacement }
    let overlapping = assignments.contains { $0.hasPredecessor }
    guard !outdated.isEmpty || isUndoable || overlapping else { return }
    for assignment in assignments where !assignment.comparison.needsReplacement {
      note(assignment, askedAt, now)
    }
    var status = UpdateStatus(updated: assignments.count - outdated.count, total: assignments.count)
    if let reason = failures.first, policy.isOver(failures.count, of: assignments.count) {
      if policy.failureAction == .rollback, isUndoable {
        status.phase = .failed(reason: reason)
      } else if !outdated.isEmpty {
        status.phase = .paused(reason: reason)
      }
    } else if isUndoable, outdated.isEmpty, underWay.isEmpty, watchEnds.isEmpty {
      status.phase = .complete
    }
    self.status = status
    admit(outdated, mayBegin)
    if turns.values.contains(where: \.isWaiting) {
      lookAgain = placeEnds.min()
    }
    if overlapping { lookAgain = [lookAgain, placeEnds.min()].compactMap { $0 }.min() }
    if isUndoable, outdated.isEmpty {
      lookAgain = ([lookAgain].compactMap { $0 } + placeEnds + watchEnds).min()
    }
  }

  /// Notes whether a replica that is as it should be holds a place or has failed.
  private mutating func note(_ assignment: Assignment, _ askedAt: Moment?, _ now: Moment) {
    guard let keeper = assignment.keeper else {
      underWay.append("\(assignment.slot) is not made yet")
      return
    }
    switch keeper.progress(policy, askedAt: askedAt, now: now) {
    case .ready(let since):
      // A clock that was set back must not hold an update up for hours.
      guard now >= since else { return }
      let watchEnd = keeper.endOfWatch(policy)
      if now < watchEnd { watchEnds.append(watchEnd) }
      guard now < since + policy.delay else { return }
      placeEnds.append(since + policy.delay)
      underWay.append("\(keeper.instance) has not been ready for \(policy.delay) yet")
    case .pending(let why, let until):
      underWay.append(why)
      if let until { placeEnds.append(until) }
    case .failed(let why):
      // What failed before the user asked again is tried again, and holds its place.
      if policy.failureAction != .continue, let askedAt, keeper.createdAt < askedAt {
        underWay.append(why)
      } else {
        failures.append(why)
      }
    }
  }

  /// Gives the free places to replicas that differ; those first that serve nobody, for to replace
  /// them takes nothing away.
  private mutating func admit(_ outdated: [Assignment], _ mayBegin: (Assignment) -> Bool) {
    var places = policy.parallelism == 0 ? outdated.count : max(0, policy.parallelism - underWay.count)
    for assignment in outdated.filter({ !$0.serves }) + outdated.filter(\.serves) {
      let service = assignment.slot.service
      let turn: Turn
      switch status?.phase {
      case .failed(let reason):
        turn = .later(.blocks("the update of \(service) is taken back: \(reason)"))
      case .paused(let reason):
        turn = .later(
          .blocks(
            "the update of \(service) is paused: \(reason); change the file, or run `cairn up` to go on"))
      case .underWay, .complete, nil:
        if places > 0, mayBegin(assignment) {
          places -= 1
          turn = assignment.canOverlap(policy) ? .beside : .now
        } else if let cause = underWay.first {
          turn = .later(.waits("it waits for its turn after \(underWay.count): \(cause)"))
        } else {
          turn = .later(.waits("it waits for its turn"))
        }
      }
      turns[assignment.slot] = turn
    }
  }
}

extension UpdatePolicy {
  /// Whether so many failures are more than may be.
  fileprivate func isOver(_ failures: Int, of total: Int) -> Bool {
    failureAction != .continue && Double(failures) > maxFailureRatio * Double(total)
  }
}

extension Assignment {
  fileprivate var serves: Bool { keeper?.isReady == true }

  /// Whether the successor can be made while the old container runs on.
  fileprivate func canOverlap(_ policy: UpdatePolicy) -> Bool {
    guard policy.order == .startFirst, let keeper, keeper.isRunning, keeper.stopping == nil else {
      return false
    }
    // An address and a name of one's own choice have one holder at a time; a slot's name is its own.
    return spec.template.networks.values.allSatisfy { $0.address == nil } && keeper.spec.name == spec.name
  }
}

extension ObservedContainer {
  /// Until when a failure counts as one of its update.
  fileprivate func endOfWatch(_ policy: UpdatePolicy) -> Moment {
    switch state {
    case .running(let running): running.startedAt + policy.monitor
    case .exited(let exited): exited.finishedAt
    case .created, .broken: createdAt
    }
  }
}
