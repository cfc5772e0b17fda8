internal import EngineInterface
internal import Stacks
internal import Synchronization

extension LocalMachine {
  /// Keeps what is not as it is wanted in a stack for those who ask, and tells what is new in it and what
  /// is over. Only the stack's own loop calls it.
  func note(_ drift: [Drift], of stack: String) {
    let before = drifts.withLock { $0[stack] ?? [] }
    func subjects(_ all: [Drift]) -> [String: String] {
      Dictionary(all.map { ($0.subject, $0.reason) }, uniquingKeysWith: { first, _ in first })
    }
    let (old, new) = (subjects(before), subjects(drift))
    for one in drift where old[one.subject] != one.reason { tell(.drift, one, stack) }
    for one in before where new[one.subject] == nil { tell(.driftEnd, one, stack) }
    // Whoever sees it gone finds the event that says so.
    drifts.withLock { $0[stack] = drift.isEmpty ? nil : drift }
  }

  private func tell(_ action: EngineEvent.Action, _ drift: Drift, _ stack: String) {
    var event = EngineEvent(
      time: now, kind: drift.service == nil ? .stack : .service, action: action, stack: stack,
      id: drift.subject, name: drift.subject)
    event.service = drift.service
    event.reason = action == .drift ? drift.description : nil
    events.note(event)
  }
}
