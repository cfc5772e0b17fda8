import Stacks
import Testing

@Suite struct RestartTests {
  let now = Moment(seconds: 100)

  func exited(
    _ code: Int32, ran: Span = .seconds(1), ago: Span = .zero, stopped: Bool = false,
    failure: String? = nil
  ) -> ContainerState.Exited {
    let end = now + Span(nanoseconds: -ago.nanoseconds)
    return .init(
      code: code, startedAt: end + Span(nanoseconds: -ran.nanoseconds), finishedAt: end,
      wasStopped: stopped, startFailure: failure)
  }

  @Test func `delays double from nothing to a minute`() {
    let delays = (0...13).map { RestartPolicy.delay(afterStarts: $0).description }
    #expect(
      delays == [
        "0s", "0s", "100ms", "200ms", "400ms", "800ms", "1.6s", "3.2s", "6.4s", "12.8s", "25.6s",
        "51.2s", "1m0s", "1m0s",
      ])
    #expect(RestartPolicy.delay(afterStarts: .max) == .seconds(60))
  }

  @Test(arguments: [
    (RestartPolicy.no, Int32(1), false), (.always, 0, true), (.always, 1, true),
    (.unlessStopped, 0, true), (.onFailure(maximum: nil), 0, false),
    (.onFailure(maximum: nil), 1, true), (.onFailure(maximum: 1), 1, true),
  ])
  func `policy and exit status decide`(_ policy: RestartPolicy, _ code: Int32, _ starts: Bool) {
    let decision = policy.decision(after: exited(code), recentStarts: 1, now: now)
    if case .starts = decision { #expect(starts) } else { #expect(!starts && decision == .stays) }
  }

  @Test(arguments: [RestartPolicy.no, .always, .unlessStopped, .onFailure(maximum: nil)])
  func `what was stopped by hand stays stopped`(_ policy: RestartPolicy) {
    #expect(policy.decision(after: exited(143, stopped: true), recentStarts: 1, now: now) == .stays)
  }

  @Test func `a failure to start counts as a failure though its status is 0`() {
    let failed = exited(0, ran: .zero, failure: "no such file")
    let decision = RestartPolicy.onFailure(maximum: nil).decision(after: failed, recentStarts: 3, now: now)
    guard case .waits(let until, _) = decision else {
      Issue.record("\(decision)")
      return
    }
    #expect(until == now + .milliseconds(200))
  }

  @Test func `the file's delay is the least there is`() {
    let timing = RestartTiming(delay: .seconds(5))
    for (starts, wait) in [(1, Span.seconds(5)), (2, .seconds(5)), (8, .milliseconds(6400))] {
      let decision = RestartPolicy.always.decision(
        after: exited(1), recentStarts: starts, timing: timing, now: now)
      if case .waits(let until, _) = decision {
        #expect(until == now + wait, "\(starts)")
      } else {
        Issue.record("\(decision)")
      }
    }
  }

  @Test func `max_attempts counts within the window, whatever the condition`() {
    let timing = RestartTiming(maximum: 2, window: .seconds(3))
    func decide(_ policy: RestartPolicy, ran: Span, starts: Int) -> RestartDecision {
      policy.decision(after: exited(1, ran: ran), recentStarts: starts, timing: timing, now: now)
    }
    for policy in [RestartPolicy.always, .onFailure(maximum: nil)] {
      #expect(
        decide(policy, ran: .seconds(1), starts: 3)
          == .gaveUp(reason: "it exited with 1, and max_attempts: 2 allows no further restart"))
      guard case .starts = decide(policy, ran: .seconds(3), starts: 3) else {
        Issue.record("it ran for as long as the window")
        continue
      }
    }
  }

  @Test func `what was ended because it was unhealthy has failed, whatever its status`() {
    var end = exited(0)
    end.wasUnhealthy = true
    let decision = RestartPolicy.onFailure(maximum: nil).decision(after: end, recentStarts: 1, now: now)
    #expect(
      decision == .starts(reason: "it was ended because it was unhealthy (restart: on-failure)"))
    #expect(RestartPolicy.no.decision(after: end, recentStarts: 1, now: now) == .stays)
  }

  @Test func `a maximum counts restarts, and a settled run begins anew`() {
    let policy = RestartPolicy.onFailure(maximum: 2)
    if case .gaveUp = policy.decision(after: exited(1), recentStarts: 3, now: now) {
    } else {
      Issue.record("two restarts were made")
    }
    if case .starts = policy.decision(after: exited(1, ran: .seconds(10)), recentStarts: 3, now: now) {
    } else {
      Issue.record("it had settled")
    }
  }

  @Test func `it is started at the very moment the delay ends`() {
    let policy = RestartPolicy.always
    let early = policy.decision(
      after: exited(1, ago: Span(nanoseconds: 99_999_999)), recentStarts: 2, now: now)
    if case .waits(let until, _) = early {
      #expect(until == now + Span(nanoseconds: 1))
    } else {
      Issue.record("\(early)")
    }
    let due = policy.decision(after: exited(1, ago: .milliseconds(100)), recentStarts: 2, now: now)
    if case .starts = due {} else { Issue.record("\(due)") }
  }

  @Test func `who starts a container counts it`() throws {
    var scene = try Scene()
    try scene.service("web") { $0.restart = .always }
    try scene.settle()
    #expect(try scene["web:1"].recentStarts == 1)
    try scene.exit("web:1", 1)
    #expect(try scene["web:1"].recentStartsWhenStarted == 2)
    scene.wait(.seconds(10))
    try scene.machine.perform(scene.plan)
    scene.wait(.seconds(10))
    try scene.exit("web:1", 1)
    #expect(try scene["web:1"].recentStartsWhenStarted == 1)
  }
}
