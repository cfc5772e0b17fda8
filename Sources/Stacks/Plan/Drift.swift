/// Something that is not as it is wanted and is only reported, because its service is (`x-reconcile:
/// observe`).
public struct Drift: Codable, Hashable, Sendable {
  /// nil: it is a network or a volume.
  public var service: String?
  /// `SERVICE:NUMBER`, `network NAME` or `volume NAME`.
  public var subject: String
  public var reason: String
  /// What a command that asks for the service would do, such as `start`, in order; empty: nothing can be
  /// done about it now.
  public var remedy: [String]

  public init(service: String?, subject: String, reason: String, remedy: [String]) {
    self.service = service
    self.subject = subject
    self.reason = reason
    self.remedy = remedy
  }
}

extension Drift: CustomStringConvertible {
  /// `web:1: it exited with 137 (start)`.
  public var description: String {
    "\(subject): \(reason)" + (remedy.isEmpty ? "" : " (\(remedy.joined(separator: ", ")))")
  }
}

extension Drift {
  /// What `whole`, made as if every service were kept as it is wanted, does for `watched` services and
  /// `plan` does not; sorted.
  static func list(
    _ whole: Plan, without plan: Plan, _ watched: Set<String>, _ observed: ObservedState
  ) -> [Drift] {
    var found: [String: Drift] = [:]
    let done = Set(plan.steps.map(\.action))
    for step in whole.steps where !done.contains(step.action) {
      let slot = step.action.instance?.slot
      if let slot, !watched.contains(slot.service) { continue }
      let subject = slot?.description ?? step.action.resource
      found[
        subject, default: Drift(service: slot?.service, subject: subject, reason: step.reason, remedy: [])
      ]
      .remedy.append(slot == nil ? String(step.action.verb.prefix { $0 != " " }) : step.action.verb)
    }
    for (slot, reason) in whole.waiting.merging(whole.blocked, uniquingKeysWith: { $1 })
    where watched.contains(slot.service) && found[slot.description] == nil {
      found[slot.description] = Drift(
        service: slot.service, subject: slot.description, reason: reason, remedy: [])
    }
    return found.values.sorted { $0.subject < $1.subject }
  }
}

extension Action {
  /// `network NAME` or `volume NAME`.
  fileprivate var resource: String {
    switch self {
    case .createVolume, .removeVolume: "volume \(subject)"
    default: "network \(subject)"
    }
  }
}
