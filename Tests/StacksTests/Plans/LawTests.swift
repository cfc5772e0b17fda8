import Stacks
import Testing

/// The laws of the planner, over seeded random states. A failure names its seed.
@Suite struct LawTests {
  static let seeds = UInt64(1)...1500

  @Test func `one plan is enough, and it arrives`() throws {
    for seed in Self.seeds {
      let random = try RandomCase(seed: seed)
      var plan = random.plan(random.observed)
      var machine = random.machine
      var next = plan
      // An update by a policy takes several where nothing keeps a replica from being ready at once.
      for _ in 0..<(random.desired.updates.isEmpty ? 1 : 20) where !next.isEmpty {
        plan = next
        do { try machine.perform(plan) } catch {
          Issue.record("seed \(seed): \(error)\n\(plan.text)")
          return
        }
        next = random.plan(machine.state)
      }
      #expect(next.isEmpty, "seed \(seed): after\n\(plan.text)there is still\n\(next.text)")
      let shortfalls = random.shortfalls(machine.state, next)
      #expect(shortfalls.isEmpty, "seed \(seed): \(shortfalls) after\n\(plan.text)")
      if !next.isEmpty || !shortfalls.isEmpty { return }
    }
  }

  @Test func `any order that the edges allow is accepted`() throws {
    for seed in Self.seeds {
      let random = try RandomCase(seed: seed)
      let plan = random.plan(random.observed)
      var shuffle = SeededRandom(seed: seed ^ 0xabcdef)
      for _ in 0..<3 {
        let steps = order(of: plan, &shuffle)
        var machine = random.machine
        do {
          for step in steps { try machine.perform(step.action) }
        } catch {
          let sequence = steps.map { "\($0.number)" }.joined(separator: " ")
          Issue.record("seed \(seed): \(error) in the order \(sequence) of\n\(plan.text)")
          return
        }
        let faults = random.faultsOfOrder(steps)
        #expect(faults.isEmpty, "seed \(seed): \(faults) in\n\(plan.text)")
        let next = random.plan(machine.state)
        let isThrough = next.isEmpty || !random.desired.updates.isEmpty
        #expect(isThrough, "seed \(seed): after\n\(plan.text)there is still\n\(next.text)")
        if !faults.isEmpty || !isThrough { return }
      }
    }
  }

  @Test func `equal inputs give an equal plan, whatever the order of listing`() throws {
    for seed in Self.seeds {
      let random = try RandomCase(seed: seed)
      let plan = random.plan(random.observed)
      var shuffle = SeededRandom(seed: seed)
      let again = random.relisted(&shuffle)
      let other = again.plan(again.observed)
      #expect(plan == other, "seed \(seed):\n\(plan.text)and\n\(other.text)")
      if plan != other { return }
    }
  }

  @Test func `a plan touches only what differs`() throws {
    for seed in Self.seeds {
      let random = try RandomCase(seed: seed)
      let plan = random.plan(random.observed)
      let unasked = plan.steps.filter { random.mustNotBeTouched.contains($0.action.subject) }
      #expect(unasked.isEmpty, "seed \(seed): \(unasked.map(\.number)) of\n\(plan.text)")
      if !unasked.isEmpty { return }
    }
  }

  @Test func `nothing is to be done before the time to look again`() throws {
    for seed in Self.seeds {
      let random = try RandomCase(seed: seed)
      var machine = random.machine
      var settled = random.plan(machine.state)
      for _ in 0..<20 where !settled.isEmpty {
        do { try machine.perform(settled) } catch { break }
        settled = random.plan(machine.state)
      }
      let before = settled.lookAgain.map { $0 + Span(nanoseconds: -1) } ?? RandomCase.now + .seconds(86_400)
      let early = random.plan(machine.state, at: before)
      #expect(early == settled, "seed \(seed): \(settled.text)and just before\n\(early.text)")
      if let lookAgain = settled.lookAgain {
        let due = random.plan(machine.state, at: lookAgain)
        #expect(due != settled, "seed \(seed): nothing has changed at the time of\n\(settled.text)")
        if due == settled { return }
      }
      if early != settled { return }
    }
  }

  @Test func `of services that are only observed nothing is touched, and all that differs is reported`()
    throws
  {
    for seed in Self.seeds {
      var random = try RandomCase(seed: seed)
      let whole = random.plan(random.observed)
      random.desired.watchedServices = random.services
      let plan = random.plan(random.observed)
      let touched = plan.steps.filter { step in
        guard let slot = step.action.instance?.slot else {
          // Volumes go only when somebody asks for it.
          if case .removeVolume = step.action { return false }
          return !random.services.isEmpty
        }
        return random.services.contains(slot.service)
      }
      #expect(touched.isEmpty, "seed \(seed): \(touched.map(\.number)) of\n\(plan.text)")
      let slots = Set(whole.steps.compactMap { $0.action.instance?.slot })
        .union(whole.waiting.keys).union(whole.blocked.keys)
        .filter { random.services.contains($0.service) }.map(\.description)
      let silent = Set(slots).subtracting(plan.drift.map(\.subject))
      #expect(silent.isEmpty, "seed \(seed): no word of \(silent) of\n\(whole.text)in\n\(plan.text)")
      if !touched.isEmpty || !silent.isEmpty { return }
    }
  }

  @Test func `steps are numbered from 1 and come after lower ones`() throws {
    for seed in Self.seeds {
      let random = try RandomCase(seed: seed)
      let steps = random.plan(random.observed).steps
      #expect(steps.map(\.number) == Array(1..<(steps.count + 1)), "seed \(seed)")
      #expect(steps.allSatisfy { step in step.after.allSatisfy { $0 < step.number } }, "seed \(seed)")
    }
  }

  /// An order of the steps that the edges allow.
  private func order(of plan: Plan, _ random: inout SeededRandom) -> [Step] {
    var rest = plan.steps
    var done: Set<Int> = []
    var steps: [Step] = []
    while !rest.isEmpty {
      let ready = rest.indices.filter { done.isSuperset(of: rest[$0].after) }
      guard !ready.isEmpty else { return steps }
      let step = rest.remove(at: random.pick(ready))
      done.insert(step.number)
      steps.append(step)
    }
    return steps
  }
}
