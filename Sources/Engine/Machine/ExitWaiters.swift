internal import Stacks
internal import Synchronization

/// Those who wait for a container's end.
final class ExitWaiters: Sendable {
  private struct State {
    var next = 0
    var waiting: [ContainerID: [Int: AsyncStream<Void>.Continuation]] = [:]
  }
  private let state = Mutex(State())

  /// Returns when `hasEnded` is true, asked now and whenever the container's end is told; or when the
  /// task is cancelled.
  func wait(for id: ContainerID, until hasEnded: () -> Bool) async {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let key = state.withLock { state in
      state.next += 1
      state.waiting[id, default: [:]][state.next] = continuation
      return state.next
    }
    defer {
      state.withLock { state in
        state.waiting[id]?[key] = nil
        if state.waiting[id]?.isEmpty == true { state.waiting[id] = nil }
      }
    }
    if hasEnded() { return }
    for await _ in stream where hasEnded() { return }
  }

  /// The container may have ended. Returns whether anybody waited for it.
  @discardableResult
  func tell(_ id: ContainerID) -> Bool {
    let waiting = state.withLock { Array($0.waiting[id, default: [:]].values) }
    for one in waiting { one.yield() }
    return !waiting.isEmpty
  }
}
