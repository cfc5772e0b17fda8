import Synchronization

/// Something that happens once, for any number of tasks to wait for.
final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var nextKey = 0
    var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
  }
  private let state = Mutex(State())

  var isOpen: Bool { state.withLock { $0.isOpen } }

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [:] }
      return Array(state.waiting.values)
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Returns when the gate is open, or when the task is cancelled.
  func wait() async {
    let key = state.withLock { state in
      state.nextKey += 1
      return state.nextKey
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let goesOn = state.withLock { state in
          if state.isOpen || Task.isCancelled { return true }
          state.waiting[key] = continuation
          return false
        }
        if goesOn { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: key) }?.resume()
    }
  }

  /// Runs `body` until it is done, or cancels it when one of the gates opens. True: it was done.
  static func run(until gates: [Gate], _ body: @escaping @Sendable () async -> Void) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        await body()
        return true
      }
      for gate in gates {
        group.addTask {
          await gate.wait()
          return false
        }
      }
      let first = await group.next() ?? true
      group.cancelAll()
      return first
    }
  }
}
