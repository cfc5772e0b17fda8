internal import Kernel
internal import Stacks
internal import Synchronization

/// Watches shims, reaps those that are our children, and wakes up whoever listens.
final class ExitWatch: Sendable {
  private struct State {
    var next = 0
    var listeners: [Int: AsyncStream<ContainerID>.Continuation] = [:]
    // A shim is watched once, however often it is adopted.
    var watched: Set<ContainerID> = []
  }
  private let state = Mutex(State())

  func watch(_ id: ContainerID, _ shim: PidFD, isChild: Bool) {
    guard state.withLock({ $0.watched.insert(id).inserted }) || isChild else { return }
    Poller.shared.whenReady(shim.descriptor) { _ in
      if isChild { _ = try? shim.reap() }
      self.ended(id)
    }
  }

  func stream() -> AsyncStream<ContainerID> {
    let (stream, continuation) = AsyncStream.makeStream(of: ContainerID.self)
    let key = state.withLock { state in
      state.next += 1
      state.listeners[state.next] = continuation
      return state.next
    }
    continuation.onTermination = { _ in self.state.withLock { $0.listeners[key] = nil } }
    return stream
  }

  private func ended(_ id: ContainerID) {
    let listeners = state.withLock { state in
      state.watched.remove(id)
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.yield(id) }
  }
}
