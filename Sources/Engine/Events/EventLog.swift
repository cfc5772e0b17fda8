internal import DequeModule
package import EngineInterface
package import Stacks
internal import Synchronization

/// The last events, and those who listen for more. Nothing is decided from it: it is for people and
/// for other programs.
package final class EventLog: Sendable {
  /// How many are kept for those who ask later.
  package static let kept = 1024

  private struct Key: Hashable {
    var stack: String
    var service: String?
    var action: EngineEvent.Action
  }
  private struct State {
    var events: Deque<EngineEvent> = []
    var counts: [Key: Int] = [:]
    var nextListener = 0
    var listeners: [Int: AsyncStream<EngineEvent>.Continuation] = [:]
    var isClosed = false
  }
  private let state = Mutex(State())

  package init() {}

  package func note(_ event: EngineEvent) {
    state.withLock { state in
      state.counts[
        Key(stack: event.stack, service: event.container?.service, action: event.action),
        default: 0] += 1
      state.events.append(event)
      if state.events.count > Self.kept { state.events.removeFirst(state.events.count - Self.kept) }
      // Under the lock, so that everybody gets them in the same order.
      for listener in state.listeners.values { listener.yield(event) }
    }
  }

  /// An event is noted a little later than it happens.
  private static let lag = Span.milliseconds(10)

  /// Those that are kept and happened at `since` or later (nil: none), and then each as it happens, up to
  /// `until` (nil: without end) or the engine's end. A listener that does not take them loses the oldest.
  package func events(since: Moment?, until: Moment? = nil, now: Moment) -> AsyncStream<EngineEvent> {
    let (stream, continuation) = AsyncStream<EngineEvent>.makeStream(
      bufferingPolicy: .bufferingNewest(Self.kept * 2))
    let number = state.withLock { state -> Int? in
      if let since {
        for event in state.events where event.time >= since { continuation.yield(event) }
      }
      if state.isClosed || until.map({ $0 + Self.lag <= now }) == true { return nil }
      state.nextListener += 1
      state.listeners[state.nextListener] = continuation
      return state.nextListener
    }
    guard let number else {
      continuation.finish()
      return stream
    }
    // Of its own, since it waits beside whoever listens. What has been yielded by its end is still taken.
    let end = until.map { until in
      Task { [weak self] in
        do { try await Task.sleep(for: .nanoseconds((until + Self.lag - now).nanoseconds)) } catch { return }
        continuation.finish()
        self?.forget(number)
      }
    }
    continuation.onTermination = { [weak self] _ in
      end?.cancel()
      self?.forget(number)
    }
    return stream
  }

  private func forget(_ number: Int) {
    _ = state.withLock { $0.listeners.removeValue(forKey: number) }
  }

  /// How often what has happened, sorted.
  package var counts: [EngineUsage.EventCount] {
    state.withLock { $0.counts }
      .map { EngineUsage.EventCount(stack: $0.stack, service: $0.service, action: $0.action, count: $1) }
      .sorted {
        ($0.stack, $0.service ?? "", $0.action.rawValue) < ($1.stack, $1.service ?? "", $1.action.rawValue)
      }
  }

  /// How many listen.
  package var listeners: Int { state.withLock { $0.listeners.count } }

  /// Ends every stream.
  package func close() {
    let listeners = state.withLock { state in
      state.isClosed = true
      defer { state.listeners = [:] }
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.finish() }
  }
}
