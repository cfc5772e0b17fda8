internal import Stacks

extension AsyncStream<Void>.Continuation {
  /// Returns at the next ring of this bell, whose stream `iterator` reads, or after `span`, whichever is
  /// first; nil: only at a ring.
  func wait(for span: Span?, _ iterator: inout AsyncStream<Void>.Iterator) async {
    guard let span else {
      await iterator.next(isolation: nil)
      return
    }
    guard span > .zero else { return }
    // An unstructured task because it must be able to ring while this one waits for the bell;
    // it is cancelled as soon as the bell has rung.
    let alarm = Task {
      try await Task.sleep(for: .nanoseconds(span.nanoseconds))
      yield()
    }
    await iterator.next(isolation: nil)
    alarm.cancel()
  }
}
