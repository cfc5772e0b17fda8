package import Stacks

/// Carries out plans: each step as soon as those before it are done, at most `width` at once. A
/// failure holds back only the steps that depend on it.
package struct Executor<Target: Machine>: Sendable {
  package let machine: Target
  /// How many steps are under way at once; at least 1.
  package let width: Int

  package init(machine: Target, width: Int = 32) {
    self.machine = machine
    self.width = max(1, width)
  }

  /// What became of a plan's steps, by number. Steps that depended on a failed one are in neither.
  package struct Report: Sendable {
    package var done: Set<Int> = []
    package var failed: [Int: EngineError] = [:]
  }

  /// Runs the whole plan. `watch` is told of every step's begin and end, in the order they happen.
  package func execute(
    _ plan: Plan, watch: @escaping @Sendable (StepEvent) -> Void = { _ in }
  ) async -> Report {
    var report = Report()
    var open: [Int: Set<Int>] = [:]
    var dependents: [Int: [Int]] = [:]
    var byNumber: [Int: Step] = [:]
    for step in plan.steps {
      open[step.number] = Set(step.after)
      byNumber[step.number] = step
      for before in step.after { dependents[before, default: []].append(step.number) }
    }
    var ready = plan.steps.filter { $0.after.isEmpty }.map(\.number)[...]
    await withTaskGroup(of: (Int, EngineError?).self) { group in
      var running = 0
      while true {
        while running < width, let number = ready.popFirst(), let step = byNumber[number] {
          running += 1
          group.addTask { [machine] in
            watch(.began(step))
            let clock = ContinuousClock()
            let start = clock.now
            do throws(EngineError) {
              try await machine.perform(step.action, of: plan.stack)
              watch(.ended(step, after: clock.now - start))
              return (number, nil)
            } catch {
              watch(.failed(step, error))
              return (number, error)
            }
          }
        }
        guard running > 0, let (number, error) = await group.next() else { break }
        running -= 1
        if let error {
          report.failed[number] = error
          continue
        }
        report.done.insert(number)
        for next in dependents[number] ?? [] {
          open[next]?.remove(number)
          if open[next]?.isEmpty == true { ready.append(next) }
        }
      }
    }
    return report
  }
}

/// What happens to a step.
package enum StepEvent: Sendable {
  case began(Step)
  case ended(Step, after: Duration)
  case failed(Step, EngineError)
}
