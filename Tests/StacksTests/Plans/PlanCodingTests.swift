import FoundationEssentials
import Stacks
import Testing

@Suite struct PlanCodingTests {
  func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  @Test func `a step says what it does, to which container, and why`() throws {
    var scene = try Scene()
    try scene.service("web")
    try scene.settle()
    scene.stack = try scene.stack.stopping()
    #expect(
      try json(scene.plan) == """
        {"blocked":{},"notes":[],"stack":"shop","steps":[{"after":[],"container":"web:1","do":"stop",\
        "grace":10000000000,"number":1,"reason":"the service is stopped","stack":"shop"}],\
        "unrouted":["\(try scene.id("web:1"))"],"waiting":{}}
        """)
  }

  @Test func `volumes without a name stay where another container takes the place, unless asked otherwise`()
    throws
  {
    var scene = try Scene()
    try scene.service("web", 2)
    try scene.settle()
    func removals(_ plan: Plan) -> [String] {
      plan.steps.compactMap { step in
        guard case .remove(let instance, let keepsVolumes) = step.action else { return nil }
        return "\(instance) \(keepsVolumes ? "keeps" : "loses")"
      }.sorted()
    }
    for id in scene.machine.state.containers.keys {
      scene.machine.state.containers[id]?.hasAnonymousVolumes = true
    }
    var changed = scene
    changed.edit("web") { $0.user = "7" }
    #expect(removals(changed.plan) == ["web:1 keeps", "web:2 keeps"])
    #expect(try json(changed.plan).contains("\"do\":\"remove\",\"keepsVolumes\":true"))
    changed.stack = try changed.stack.asking(at: scene.machine.now, freshVolumes: true)
    #expect(removals(changed.plan) == ["web:1 loses", "web:2 loses"])

    scene.stack.services["web"]?.replicas = 1
    #expect(removals(scene.plan) == ["web:2 loses"])
    let down = Plan.make(
      from: scene.machine.state, to: .nothing(of: scene.stack), now: scene.machine.now, options: .down())
    #expect(removals(down) == ["web:1 loses", "web:2 loses"])
    scene.stack.services["web"]?.replicas = 2
    scene.machine.state.containers[try scene.id("web:1")]?.state = .broken(reason: "gone")
    #expect(removals(scene.plan) == ["web:1 keeps"])
    #expect(scene.plan.text.contains("create web:1@2"))

    // Asked for by itself it is a reason to replace those that have such volumes, once.
    var fresh = try Scene()
    try fresh.service("web", 2)
    try fresh.settle()
    fresh.machine.state.containers[try fresh.id("web:2")]?.hasAnonymousVolumes = true
    fresh.stack = try fresh.stack.asking(at: fresh.machine.now, freshVolumes: true)
    #expect(removals(fresh.plan) == ["web:2 loses"])
    #expect(fresh.text.contains("stop web:2: new volumes without a name were asked for"))
    fresh.machine.now = fresh.machine.now + .seconds(1)
    try fresh.settle()
    #expect(fresh.plan.isEmpty)
  }

  @Test func `every plan is read back as it was written`() throws {
    for seed in UInt64(1)...200 {
      let random = try RandomCase(seed: seed)
      let plan = random.plan(random.observed)
      let data = try JSONEncoder().encode(plan)
      #expect(try JSONDecoder().decode(Plan.self, from: data) == plan, "seed \(seed)")
    }
  }

  @Test func `states are read back as they were written`() throws {
    for seed in UInt64(1)...100 {
      let random = try RandomCase(seed: seed)
      let observed = try JSONEncoder().encode(random.observed)
      #expect(try JSONDecoder().decode(ObservedState.self, from: observed) == random.observed, "seed \(seed)")
      let desired = try JSONEncoder().encode(random.desired)
      #expect(try JSONDecoder().decode(DesiredState.self, from: desired) == random.desired, "seed \(seed)")
    }
  }

  @Test func `a plan that is not one is refused`() {
    let text = #"{"stack":"s","steps":[],"waiting":{"web":"x"},"blocked":{},"notes":[]}"#
    #expect(throws: ValueError.self) { try JSONDecoder().decode(Plan.self, from: Data(text.utf8)) }
  }
}
