internal import Kernel
internal import Stacks
internal import Synchronization

/// Watches shims, and wakes up whoever listens.
final class ExitWatch: Sendable {
  private struct State {
    var next = 0
    var listeners: [Int: AsyncStream<ContainerID>.Continuation] = [:]
    // A shim is watched once, however often it is adopted.
    var watched: [ContainerID: Watched] = [:]
  }
  private struct Watched {
    var key: Int
    var shim: PidFD
    // What the shim wrote when its container had started, once that has been read.
    var state: ShimState?
  }
  private let state = Mutex(State())

  /// `isAdopted`: it is watched unless one of the container's is already.
  func watch(_ id: ContainerID, _ shim: PidFD, isAdopted: Bool = false) {
    let key = state.withLock { state -> Int? in
      guard state.watched[id] == nil || !isAdopted else { return nil }
      state.next += 1
      state.watched[id] = Watched(key: state.next, shim: shim)
      return state.next
    }
    guard let key else { return }
    Poller.shared.whenReady(shim.descriptor) { _ in self.ended(id, key) }
  }

  /// What the shim wrote, where it was read before and the shim runs; nil: it must be read. The handle,
  /// not the number, says that it runs, which costs a hundredth of asking /proc.
  func state(of id: ContainerID) -> ShimState? {
    guard let watched = state.withLock({ $0.watched[id] }), let state = watched.state,
      !watched.shim.hasEnded
    else { return nil }
    return state
  }

  /// `state` was read and its shim runs: it is the one that is watched, as a container's directory is
  /// cleared before it gets another.
  func keep(_ state: ShimState, of id: ContainerID) {
    self.state.withLock { $0.watched[id]?.state = state }
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

  private func ended(_ id: ContainerID, _ key: Int) {
    let listeners = state.withLock { state in
      if state.watched[id]?.key == key { state.watched[id] = nil }
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.yield(id) }
  }
}
