internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread that waits for many descriptors (epoll(7)), so that no task of the concurrency pool ever
/// blocks in the kernel.
///
/// It lives as long as the program: there is one, `Poller.shared`, and its thread ends with the process.
public final class Poller: Sendable {
  public static let shared = Poller()

  private struct Waiter {
    // A copy of the caller's descriptor: its number stays ours until the wait is over, whatever
    // happens to the original.
    var descriptor: Descriptor
    var wake: @Sendable (SystemError?) -> Void
  }
  private struct State {
    var queue: EventQueue?
    var next: UInt64 = 1
    var waiters: [UInt64: Waiter] = [:]
  }
  private let state = Mutex(State())

  private init() {}

  /// Calls `action` once on the poller's thread when the descriptor is readable or its other end has
  /// closed. It must not block. The token can be given to `cancel`; 0: it failed, and `action` has been
  /// called.
  @discardableResult
  public func whenReady(
    _ descriptor: Descriptor, toWrite: Bool = false, _ action: @escaping @Sendable (SystemError?) -> Void
  ) -> UInt64 {
    let token = state.withLock { state -> Result<UInt64, SystemError> in
      do throws(SystemError) {
        let copy = try descriptor.duplicate()
        if state.queue == nil { state.queue = try start() }
        let token = state.next
        state.next += 1
        try state.queue?.add(copy, for: toWrite ? .writable : .readable, token: token)
        state.waiters[token] = Waiter(descriptor: copy, wake: action)
        return .success(token)
      } catch {
        return .failure(error)
      }
    }
    switch token {
    case .success(let token): return token
    case .failure(let error):
      action(error)
      return 0
    }
  }

  /// Ends a wait; its action is called with ECANCELED unless it has been called already.
  public func cancel(_ token: UInt64) {
    take(token)?.wake(SystemError("wait", on: "", code: ECANCELED))
  }

  /// Waits until the descriptor is readable or its other end has closed. Throws ECANCELED when the
  /// task is cancelled.
  public func readable(_ descriptor: Descriptor) async throws(SystemError) {
    try await ready(descriptor, toWrite: false)
  }

  /// Waits until the descriptor can be written to, or nobody reads it any more.
  public func writable(_ descriptor: Descriptor) async throws(SystemError) {
    try await ready(descriptor, toWrite: true)
  }

  private func ready(_ descriptor: Descriptor, toWrite: Bool) async throws(SystemError) {
    try await ready([descriptor], toWrite: toWrite)
  }

  /// Waits until one of the descriptors is readable or its other end has closed.
  public func readable(anyOf descriptors: [Descriptor]) async throws(SystemError) {
    try await ready(descriptors, toWrite: false)
  }

  private func ready(_ descriptors: [Descriptor], toWrite: Bool) async throws(SystemError) {
    let wait = Wait()
    let failure: SystemError? = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        wait.begin(continuation)
        for descriptor in descriptors {
          let token = whenReady(descriptor, toWrite: toWrite) { self.end(wait, with: $0) }
          if wait.isOver(adding: token) {
            cancel(token)
            break
          }
        }
      }
    } onCancel: {
      end(wait, with: SystemError("wait", on: "", code: ECANCELED))
    }
    if let failure { throw failure }
  }

  private func end(_ wait: Wait, with failure: SystemError?) {
    for token in wait.end(with: failure) { cancel(token) }
  }

  /// One task's wait: whichever comes first, a descriptor or the cancellation, ends it; it can also be
  /// cancelled before it has begun.
  private final class Wait: Sendable {
    private struct State {
      var continuation: CheckedContinuation<SystemError?, Never>?
      var tokens: [UInt64] = []
      var isOver = false
      var failure: SystemError?
    }
    private let state = Mutex(State())

    func begin(_ continuation: CheckedContinuation<SystemError?, Never>) {
      state.withLock { state in
        if state.isOver {
          continuation.resume(returning: state.failure)
        } else {
          state.continuation = continuation
        }
      }
    }

    func isOver(adding token: UInt64) -> Bool {
      state.withLock { state in
        if !state.isOver { state.tokens.append(token) }
        return state.isOver
      }
    }

    /// The tokens that are left to be cancelled.
    func end(with failure: SystemError?) -> [UInt64] {
      state.withLock { state in
        guard !state.isOver else { return [] }
        state.isOver = true
        state.failure = failure
        state.continuation?.resume(returning: failure)
        defer { state.tokens = [] }
        return state.tokens
      }
    }
  }

  private func take(_ token: UInt64) -> Waiter? {
    state.withLock { state in
      guard let waiter = state.waiters.removeValue(forKey: token) else { return nil }
      try? state.queue?.remove(waiter.descriptor)
      return waiter
    }
  }

  private func start() throws(SystemError) -> EventQueue {
    let queue = try EventQueue()
    // Nobody joins it: it ends with the process.
    _ = try DedicatedThread { self.loop(queue) }
    return queue
  }

  private func loop(_ queue: EventQueue) {
    while true {
      guard let events = try? queue.wait(milliseconds: nil) else { continue }
      for event in events { take(event.token)?.wake(nil) }
    }
  }
}
