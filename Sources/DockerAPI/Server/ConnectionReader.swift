import Synchronization
import Wire

/// What a client sends, between the task that takes it from the socket and the one that uses it.
///
/// The first goes on reading while an answer is being sent, which is how a client that is gone is
/// noticed; it is held up while more than `mostHeld` bytes wait to be used.
final class ConnectionReader: Sendable {
  static let mostHeld = 256 * 1024

  fileprivate struct State {
    var queue = ByteQueue()
    var arrivals: UInt64 = 0
    var hasEnded = false
    var reader: CheckedContinuation<Void, Never>?
    var pump: CheckedContinuation<Void, Never>?
  }
  private let state = Mutex(State())
  /// Opens when the client has sent all it will.
  let ended = Gate()

  /// Whether something has come that was not used yet.
  var hasBytes: Bool { state.withLock { !$0.queue.isEmpty } }

  /// Hands over bytes from the socket; returns when there is room for more.
  func push(_ bytes: [UInt8]) async {
    let reader = state.withLock { state in
      state.queue.append(bytes)
      state.arrivals += 1
      return state.takeReader()
    }
    reader?.resume()
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let goesOn = state.withLock { state in
          if state.queue.count <= Self.mostHeld || Task.isCancelled { return true }
          state.pump = continuation
          return false
        }
        if goesOn { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.takePump() }?.resume()
    }
  }

  /// Nothing more will come.
  func end() {
    let reader = state.withLock { state in
      state.hasEnded = true
      return state.takeReader()
    }
    reader?.resume()
    ended.open()
  }

  /// Gives `parse` what has come, again each time there is more, until it returns a value. nil: the
  /// end came first and `parse`, told so, had nothing; or the task was cancelled.
  func pull<Value: Sendable>(
    _ parse: (inout ByteQueue, _ atEnd: Bool) throws(APIError) -> Value?
  ) async throws(APIError) -> Value? {
    while true {
      let look = try state.withLock { state throws(APIError) in
        let value = try parse(&state.queue, state.hasEnded)
        return (
          value: value, arrivals: state.arrivals, hasEnded: state.hasEnded,
          pump: state.queue.count <= Self.mostHeld ? state.takePump() : nil
        )
      }
      look.pump?.resume()
      if let value = look.value { return value }
      if look.hasEnded || Task.isCancelled { return nil }
      await waitForMore(than: look.arrivals)
    }
  }

  private func waitForMore(than arrivals: UInt64) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let goesOn = state.withLock { state in
          if state.arrivals != arrivals || state.hasEnded || Task.isCancelled { return true }
          state.reader = continuation
          return false
        }
        if goesOn { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.takeReader() }?.resume()
    }
  }
}

extension ConnectionReader.State {
  fileprivate mutating func takeReader() -> CheckedContinuation<Void, Never>? {
    defer { reader = nil }
    return reader
  }

  fileprivate mutating func takePump() -> CheckedContinuation<Void, Never>? {
    defer { pump = nil }
    return pump
  }
}
