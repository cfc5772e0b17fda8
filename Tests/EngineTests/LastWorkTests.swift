import Synchronization
import Testing

@testable import Engine

@Suite struct LastWorkTests {
  /// Notes work again and again until told to stop; a time before the last of it, and the longest without.
  @discardableResult
  private static func work(
    _ work: LastWork, while isGoingOn: () -> Bool
  ) async -> (last: ContinuousClock.Instant, pause: Duration) {
    var longest = Duration.zero
    var last = ContinuousClock.now
    while isGoingOn() {
      longest = max(longest, ContinuousClock.now - last)
      last = ContinuousClock.now
      work.note()
      await Task.yield()
    }
    return (last, longest)
  }

  @Test func `there is no rest while work is done`() async throws {
    let work = LastWork()
    let begun = ContinuousClock.now
    async let rested: ContinuousClock.Instant = {
      try await work.rest(for: .milliseconds(100), atMost: .seconds(60))
      return ContinuousClock.now
    }()
    let worked = await Self.work(work) { ContinuousClock.now - begun < .milliseconds(400) }
    let rest = try await rested - worked.last
    // A machine that stood still in between was calm.
    #expect(rest >= .milliseconds(95) || worked.pause >= .milliseconds(95))
  }

  @Test func `where work does not end there is some rest`() async throws {
    let work = LastWork()
    let hasRested = Mutex(false)
    async let rested: Void = {
      try await work.rest(for: .milliseconds(50), atMost: .milliseconds(200))
      hasRested.withLock { $0 = true }
    }()
    await Self.work(work) { !hasRested.withLock { $0 } }
    try await rested
  }
}
