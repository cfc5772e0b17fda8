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
