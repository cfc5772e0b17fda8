import EngineInterface
import Stacks
import Testing

@testable import Engine

@Suite struct EventLogTests {
  private func event(_ second: Int64, _ action: EngineEvent.Action = .start) -> EngineEvent {
    EngineEvent(
      time: Moment(seconds: second), kind: .network, action: action, stack: "shop", id: "n", name: "n")
  }

  @Test func `a listener gets what is kept since its time and then what comes`() async {
    let log = EventLog()
    for second in 1...4 { log.note(event(Int64(second))) }
    let stream = log.events(since: Moment(seconds: 3))
    log.note(event(5, .destroy))
    log.close()
    var seen: [Int64] = []
    for await event in stream { seen.append(event.time.nanoseconds / 1_000_000_000) }
    #expect(seen == [3, 4, 5])
  }

  @Test func `a listener without a time gets only what comes`() async {
    let log = EventLog()
    log.note(event(1))
    let stream = log.events(since: nil)
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
    for await event in log.events(since: Moment(seconds: 0)) {
      first = event
      break
    }
    #expect(first?.time == Moment(seconds: 10))
    #expect(
      log.counts == [.init(stack: "shop", service: nil, action: .start, count: EventLog.kept + 10)])
  }

  @Test func `a listener that goes is forgotten`() async {
    let log = EventLog()
    let task = Task { for await _ in log.events(since: nil) {} }
    while log.listeners == 0 { await Task.yield() }
    task.cancel()
    await task.value
    #expect(log.listeners == 0)
  }
}
