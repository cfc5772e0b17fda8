import Stacks
import Synchronization
import Testing

@testable import Engine

@Suite struct ExecutorTests {
  private func step(_ number: Int, after: [Int] = []) -> Step {
    Step(number: number, after: after, action: .removeNetwork(name: "n\(number)"), reason: "test")
  }

  @Test func `steps run after those before them, and a failure holds back only what depends on it`()
    async throws
  {
    let machine = ValueMachine(stack: "s", images: [])
    machine.fail("remove network n2", because: "no")
    let plan = Plan(
      stack: "s",
      steps: [step(1), step(2), step(3, after: [2]), step(4, after: [1]), step(5, after: [3, 4])])
    let events = Mutex<[String]>([])
    let report = await Executor(machine: machine, width: 4).execute(plan) { event in
      switch event {
      case .began(let step): events.withLock { $0.append("began \(step.number)") }
      case .ended(let step, _): events.withLock { $0.append("ended \(step.number)") }
      case .failed(let step, _): events.withLock { $0.append("failed \(step.number)") }
      }
    }
    #expect(report.done == [1, 4])
    #expect(report.failed.keys.sorted() == [2])
    let order = events.withLock { $0 }
    #expect(order.firstIndex(of: "ended 1")! < order.firstIndex(of: "began 4")!)
    #expect(!order.contains("began 3") && !order.contains("began 5"))
  }

  @Test(arguments: 0..<50) func `every order the executor takes respects the edges`(seed: Int) async throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let steps = (1...20).map { number in
      step(
        number,
        after: number == 1
          ? []
          : (0..<Int.random(in: 0...3, using: &random)).map { _ in Int.random(in: 1..<number, using: &random)
          })
    }
    let ended = Mutex<Set<Int>>([])
    let wrong = Mutex<[Int]>([])
    let report = await Executor(machine: ValueMachine(stack: "s", images: []), width: 3)
      .execute(Plan(stack: "s", steps: steps)) { event in
        switch event {
        case .began(let step):
          let isReady = ended.withLock { $0.isSuperset(of: step.after) }
          if !isReady { wrong.withLock { $0.append(step.number) } }
        case .ended(let step, _): ended.withLock { _ = $0.insert(step.number) }
        case .failed: break
        }
      }
    #expect(wrong.withLock { $0 }.isEmpty, "seed \(seed)")
    #expect(report.done == Set(1...20), "seed \(seed)")
  }
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
