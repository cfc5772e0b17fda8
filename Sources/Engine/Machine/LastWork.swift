internal import Kernel
internal import Synchronization

/// When work was last done that somebody waits for.
final class LastWork: Sendable {
  private let time = Atomic(Clocks.monotonic())

  /// A step begins or ends.
  func note() { time.store(Clocks.monotonic(), ordering: .relaxed) }

  private var age: Duration { .nanoseconds(Clocks.monotonic() - time.load(ordering: .relaxed)) }

  /// Waits until nothing has been done for as long as `calm`, from now on, but no longer than about `longest`.
  /// Throws where the task is cancelled.
  func rest(for calm: Duration, atMost longest: Duration) async throws(CancellationError) {
    let latest = ContinuousClock.now + longest
    var left = calm
    while left > .zero, ContinuousClock.now < latest {
      do { try await Task.sleep(for: left) } catch { throw CancellationError() }
      left = calm - age
    }
  }
}
