internal import Synchronization

/// How long a pass waits for containers that were asked to end: until something else happens in its
/// stack. Then the next pass sees to that, and waits on.
package final class Patience: Sendable {
  private struct State {
    var isOver = false
    var next = 0
    var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
  }
  private let state = Mutex(State())

  package init() {}

  /// Whoever waits is to stop waiting.
  package func end() {
    let waiting = state.withLock { state in
      state.isOver = true
      defer { state.waiting = [:] }
      return Array(state.waiting.values)
    }
    for one in waiting { one.finish() }
  }

  /// Returns when it is over or the task is cancelled.
  package func wait() async {
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    let key = state.withLock { state -> Int? in
      if state.isOver { return nil }
      state.next += 1
      state.waiting[state.next] = continuation
      return state.next
    }
    guard let key else { return }
    defer { state.withLock { $0.waiting[key] = nil } }
    for await _ in stream {}
  }
}
