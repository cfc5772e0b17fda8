import Stacks
import Testing

@Suite struct ListingTests {
  let now = Moment(seconds: 1_000_000)

  @Test(arguments: [
    (0, "Less than a second"), (1, "1 second"), (59, "59 seconds"), (60, "About a minute"),
    (119, "About a minute"), (120, "2 minutes"), (3599, "59 minutes"), (3600, "About an hour"),
    (5399, "About an hour"), (5400, "2 hours"), (86_400, "24 hours"), (172_800, "2 days"),
    (1_209_600, "2 weeks"), (5_184_000, "2 months"), (63_072_000, "2 years"), (-5, "Less than a second"),
  ])
  func `spans are worded as Docker words them`(_ seconds: Int64, _ text: String) {
    #expect(Span.seconds(seconds).roundedForPeople == text)
  }

  @Test func `states are worded as docker ps words them`() {
    func up(_ health: Health) -> String {
      ContainerState.running(.init(pid: 1, startedAt: now + .seconds(-180), health: health)).status(now: now)
    }
    #expect(up(.none) == "Up 3 minutes")
    #expect(up(.healthy) == "Up 3 minutes (healthy)")
    #expect(up(.starting) == "Up 3 minutes (health: starting)")
    #expect(up(.unhealthy) == "Up 3 minutes (unhealthy)")
    let exited = ContainerState.Exited(code: 137, startedAt: now, finishedAt: now + .seconds(-2))
    #expect(ContainerState.exited(exited).status(now: now) == "Exited (137) 2 seconds ago")
    #expect(ContainerState.created.status(now: now) == "Created")
    #expect(ContainerState.broken(reason: "x").status(now: now) == "Dead")
  }

  @Test func `a summary counts what runs of what should`() throws {
    var scene = try Scene()
    try scene.service("web", 3) { $0.healthcheck = Healthcheck(test: .shell("true")) }
    try scene.service("old")
    try scene.service("idle", 0)
    try scene.settle()
    scene.stack.services["old"] = nil
    try scene.setHealth("web:1", .unhealthy)
    try scene.exit("web:2", 1)
    let list = ServiceSummary.list(scene.machine.state, scene.stack.lowered())
    #expect(
      list.map { "\($0.service) \($0.count) \($0.healthy) \($0.unhealthy) \($0.existing) \($0.isOrphan)" }
        == [
          "idle 0/0 0 0 0 false", "old 1/0 0 0 1 true", "web 2/3 1 1 3 false",
        ])
    scene.stack = try scene.stack.stopping(["web"])
    #expect(ServiceSummary.list(scene.machine.state, scene.stack.lowered()).last?.count == "2/0")
  }
}
