/// Where the update of one service stands.
public struct UpdateStatus: Codable, Hashable, Sendable {
  public enum Phase: Codable, Hashable, Sendable {
    /// Replicas are being replaced, or are watched after that.
    case underWay
    /// Too many have failed: nothing more is replaced until the user says so.
    case paused(reason: String)
    /// Too many have failed: the service is to go back to what it was before. Who carries out the plan
    /// writes that down (`Stack.rollingBack`) and makes another.
    case failed(reason: String)
    /// All replicas are replaced and ready. Who carries out the plan writes that down
    /// (`Stack.settling`), so that a later failure takes nothing back.
    case complete
  }
  /// How many replicas are as they should be.
  public var updated: Int
  public var total: Int
  public var phase: Phase

  public init(updated: Int, total: Int, phase: Phase = .underWay) {
    self.updated = updated
    self.total = total
    self.phase = phase
  }
}

extension UpdateStatus: CustomStringConvertible {
  /// `3 of 10 replaced`, with what stops it.
  public var description: String {
    let count = "\(updated) of \(total) replaced"
    return switch phase {
    case .underWay: count
    case .paused(let reason): "\(count), paused: \(reason)"
    case .failed(let reason): "\(count), to be taken back: \(reason)"
    case .complete: "\(count), complete"
    }
  }
}

extension Stack {
  /// The stack in which services go back to what they were before the update that is under way; those
  /// without one stay as they are.
  public func rollingBack(_ services: some Sequence<String>) -> Stack {
    var stack = self
    for name in services {
      guard let service = stack.services[name], let fallback = service.fallback else { continue }
      stack.services[name]?.template = fallback
      stack.services[name]?.fallback = nil
      stack.services[name]?.isRollingBack = true
    }
    return stack
  }

  /// The stack in which the updates of services are done with.
  public func settling(_ services: some Sequence<String>) -> Stack {
    var stack = self
    for name in services {
      stack.services[name]?.fallback = nil
      stack.services[name]?.isRollingBack = false
    }
    return stack
  }

  /// The stack as it is to be kept after `plan` has found out how its updates went; nil: as it is.
  public func following(_ plan: Plan) -> Stack? {
    let failed = plan.updates.filter { if case .failed = $0.value.phase { true } else { false } }.keys
    let complete = plan.updates.filter { $0.value.phase == .complete }.keys
    if failed.isEmpty, complete.isEmpty { return nil }
    return rollingBack(failed).settling(complete)
  }

  /// Jobs go on from where they were, unless their times have changed.
  mutating func resumeJobs(of previous: Stack) {
    for (name, before) in previous.jobs where jobs[name]?.schedules == before.schedules {
      jobs[name]?.lookedAt = before.lookedAt
    }
  }

  /// The stack as it takes the place of `previous`: what was asked for by hand stays so until it is
  /// asked for anew, and what a service was is kept where its update may have to be taken back.
  public func succeeding(_ previous: Stack?) -> Stack {
    var stack = self
    stack.oneOffs = previous?.oneOffs ?? [:]
    if let previous { stack.resumeJobs(of: previous) }
    for (name, before) in previous?.services ?? [:] {
      guard let service = stack.services[name] else { continue }
      stack.services[name]?.asked = before.asked
      stack.services[name]?.keepScale(of: before)
      guard service.update?.failureAction == .rollback else { continue }
      // An update that is changed on its way goes back to where it began.
      let origin = before.fallback ?? before.template
      if origin != service.template { stack.services[name]?.fallback = origin }
    }
    return stack
  }
}
