import EngineInterface
import Stacks
import Testing

@testable import Engine

@Suite struct EventLogTests {
  private let now = Moment(seconds: 2000)

  private func event(_ second: Int64, _ action: EngineEvent.Action = .start) -> EngineEvent {
    EngineEvent(
      time: Moment(seconds: second), kind: .network, action: action, stack: "shop", id: "n", name: "n")
  }

  @Test func `a listener gets what is kept since its time and then what comes`() async {
    let log = EventLog()
    for second in 1...4 { log.note(event(Int64(second))) }
    let stream = log.events(since: Moment(seconds: 3), now: now)
    log.note(event(5, .destroy))
    log.close()
    var seen: [Int64] = []
    for await event in stream { seen.append(event.time.nanoseconds / 1_000_000_000) }
    #expect(seen == [3, 4, 5])
  }

  @Test func `a listener without a time gets only what comes`() async {
    let log = EventLog()
    log.note(event(1))
    let stream = log.events(since: nil, now: now)
    log.note(event(2))
    log.close()
    var seen: [Int64] = []
    for await event in stream { seen.append(event.time.nanoseconds / 1_000_000_000) }
    #expect(seen == [2])
  }

  @Test func `only the newest are kept and all are counted`() async {
    let log = EventLog()
    for second in 0..<(EventLog.kept + 10) { log.note(event(Int64(second))) }
    log.close()
    var first: EngineEvent?
    for await event in log.events(since: Moment(seconds: 0), now: now) {
      first = event
      break
    }
    #expect(first?.time == Moment(seconds: 10))
    #expect(
      log.counts == [.init(stack: "shop", service: nil, action: .start, count: EventLog.kept + 10)])
  }

  /// However slowly they are taken.
  @Test func `up to a moment that has passed everything that is kept is told, and no more`() async {
    let log = EventLog()
    for second in 0..<1000 { log.note(event(Int64(second))) }
    let stream = log.events(since: Moment(seconds: 10), until: Moment(seconds: 1500), now: now)
    log.note(event(1001))
    var seen: [Int64] = []
    for await event in stream {
      seen.append(event.time.nanoseconds / 1_000_000_000)
      await Task.yield()
    }
    #expect(seen == Array(10..<1000))
    #expect(log.listeners == 0)
  }

  @Test func `up to a moment ahead it is listened until then`() async {
    let log = EventLog()
    let stream = log.events(since: nil, until: now + .milliseconds(50), now: now)
    log.note(event(2000))
    var seen: [Int64] = []
    for await event in stream { seen.append(event.time.nanoseconds / 1_000_000_000) }
    #expect(seen == [2000])
    #expect(log.listeners == 0)
  }

  @Test func `a listener that goes is forgotten`() async {
    let log = EventLog()
    let task = Task { for await _ in log.events(since: nil, now: now) {} }
    while log.listeners == 0 { await Task.yield() }
    task.cancel()
    await task.value
    #expect(log.listeners == 0)
  }
}
