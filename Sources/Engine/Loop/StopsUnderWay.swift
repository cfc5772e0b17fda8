internal import EngineInterface
internal import Stacks

/// Makes one story of a stop that takes several passes, for those who watch: it begins once, and ends
/// when its container has.
struct StopsUnderWay: Sendable {
  private struct Stop {
    var task: Progress.Task
    var begun: ContinuousClock.Instant

    func ended(at now: ContinuousClock.Instant) -> Progress {
      let span = (now - begun).components
      return .ended(task, seconds: Double(span.seconds) + Double(span.attoseconds) / 1e18)
    }
  }
  private var stops: [Instance: Stop] = [:]

  /// What is to be told of an event; nil: it has been told.
  mutating func progress(of event: StepEvent, _ names: StepNames, at now: ContinuousClock.Instant)
    -> Progress?
  {
    switch event {
    case .began(let step):
      guard let instance = step.stops else { break }
      if stops[instance] != nil { return nil }
      stops[instance] = Stop(task: names.task(step), begun: now)
    case .ended(let step, _):
      if let instance = step.stops, let stop = stops.removeValue(forKey: instance) {
        return stop.ended(at: now)
      }
    case .failed(let step, _):
      if let instance = step.stops { stops[instance] = nil }
    }
    return names.progress(event)
  }

  /// The ends of those that `plan` has no step for any more: they ended between two passes.
  mutating func ended(before plan: Plan, at now: ContinuousClock.Instant) -> [Progress] {
    if stops.isEmpty { return [] }
    let open = Set(plan.steps.compactMap(\.stops))
    let gone = stops.filter { !open.contains($0.key) }.sorted { $0.key < $1.key }
    for (instance, _) in gone { stops[instance] = nil }
    return gone.map { $0.value.ended(at: now) }
  }
}

extension Step {
  /// The container that it stops; nil: it does something else.
  fileprivate var stops: Instance? { if case .stop(let instance, _, _, _) = action { instance } else { nil } }
}
