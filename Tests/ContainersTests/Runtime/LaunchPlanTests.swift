import Kernel
import Testing

/// Numbers that are the same on every run (splitmix64).
private struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

@Suite struct `The launch plan` {
  private static func plan() -> LaunchPlan {
    var plan = LaunchPlan()
    plan.add(.run, numbers: [1, 2, 3])
    plan.add(.hostname, "box")
    plan.add(.mask, "/proc/kcore")
    plan.add(.seccomp, strings: [[0, 1, 0, 2, 0, 0, 0, 0]])
    plan.add(.argument, "a\tb")
    plan.add(.argument, "")
    plan.add(.execute)
    return plan
  }

  @Test func `is a header and operations, byte for byte`() {
    var plan = LaunchPlan()
    plan.add(.run, numbers: [0x102])
    plan.add(.execute, numbers: [1])
    let expected: [UInt8] =
      Array("CIRNPLAN".utf8) + [1, 0, 0, 0] + [2, 0, 0, 0] + [104, 0, 0, 0, 0, 0, 0, 0]
      + [1, 0, 0, 0, 40, 0, 0, 0] + [2, 1, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 24)
      + [49, 0, 0, 0, 40, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 24)
    #expect(plan.bytes == expected)
  }

  @Test func `that is well formed is accepted`() {
    #expect(LaunchPlan.problem(in: Self.plan().bytes) == nil)
  }

  @Test func `that is cut off anywhere is refused`() {
    let whole = Self.plan().bytes
    for size in 0..<whole.count { #expect(LaunchPlan.problem(in: Array(whole[..<size])) != nil, "\(size)") }
    #expect(LaunchPlan.problem(in: whole + [UInt8](repeating: 0, count: 8)) != nil)
  }

  @Test func `with a changed structure is refused and never read beyond its end`() {
    let whole = Self.plan().bytes
    var refused = 0
    for seed in 0..<4000 {
      var random = Seeded(state: UInt64(seed))
      var bytes = whole
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if LaunchPlan.problem(in: bytes) != nil { refused += 1 }
    }
    // What is left are changes within a string or a number, which the format cannot know.
    #expect(refused > 2400)
  }

  @Test func `must begin with RUN or JOIN and end with EXECUTE`() {
    var backwards = LaunchPlan()
    backwards.add(.execute)
    backwards.add(.run)
    #expect(LaunchPlan.problem(in: backwards.bytes) == "RUN or JOIN must come first and only once")
    var endless = LaunchPlan()
    endless.add(.run)
    endless.add(.pivot)
    #expect(LaunchPlan.problem(in: endless.bytes) == "EXECUTE must come last and only once")
    #expect(LaunchPlan.problem(in: LaunchPlan().bytes) == "it is empty")
  }

  @Test func `takes no NUL in a string, no number too many and no string too few`() {
    func problem(_ change: (inout LaunchPlan) -> Void) -> String? {
      var plan = LaunchPlan()
      plan.add(.run)
      change(&plan)
      plan.add(.execute)
      return LaunchPlan.problem(in: plan.bytes)
    }
    #expect(problem { $0.add(.hostname, "a\0b") } == "a string holds a NUL")
    #expect(problem { $0.add(.pivot, numbers: [1]) } == "an operation has a number too many")
    #expect(problem { $0.add(.bind, "/a") } == "an operation has a wrong number of strings")
  }
}
