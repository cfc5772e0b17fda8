package import EngineInterface
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

  /// What became of a plan's steps, by number. Steps that depended on a failed or an open one are in
  /// none.
  package struct Report: Sendable {
    package var done: Set<Int> = []
    package var failed: [Int: EngineError] = [:]
    /// Stops of containers that have not ended yet: patience was over first.
    package var open: Set<Int> = []
  }

  /// One thing that a task of `execute` has to say about a step.
  private enum Word {
    /// Its work is over. A stop's container has only been asked to end.
    case worked(Result<Void, EngineError>)
    /// The wait for a container's end is over: whether it has ended.
    case waited(Result<Bool, EngineError>)
  }

  /// Runs the whole plan. `watch` is told of every step's begin and end, in the order they happen.
  package func execute(
    _ plan: Plan, patience: Patience = Patience(), watch: @escaping @Sendable (StepEvent) -> Void = { _ in }
  ) async -> Report {
    var report = Report()
    var missing: [Int: Set<Int>] = [:]
    var dependents: [Int: [Int]] = [:]
    var byNumber: [Int: Step] = [:]
    for step in plan.steps {
      missing[step.number] = Set(step.after)
      byNumber[step.number] = step
      for before in step.after { dependents[before, default: []].append(step.number) }
    }
    var ready = plan.steps.filter { $0.after.isEmpty }.map(\.number)[...]
    // What is made can start while the next is made: containers that come up have most of their work
    // outside the engine, and the processors are busy from the beginning.
    var starts: ArraySlice<Int> = []
    let clock = ContinuousClock()
    var begun: [Int: ContinuousClock.Instant] = [:]
    await withTaskGroup(of: (Int, Word).self) { group in
      // Containers that take their time to end are no work under way.
      var (working, waiting) = (0, 0)
      while true {
        while working < width, let number = starts.popFirst() ?? ready.popFirst(), let step = byNumber[number]
        {
          working += 1
          begun[number] = clock.now
          watch(.began(step))
          group.addTask { [machine] in
            do throws(EngineError) {
              try await machine.perform(step.action, of: plan.stack)
              return (number, .worked(.success(())))
            } catch {
              return (number, .worked(.failure(error)))
            }
          }
        }
        guard working + waiting > 0, let (number, word) = await group.next(), let step = byNumber[number]
        else { break }
        let result: Result<Bool, EngineError>
        switch word {
        case .worked(.success):
          working -= 1
          if case .stop(let instance, _, _, _) = step.action {
            waiting += 1
            group.addTask { [machine] in
              do throws(EngineError) {
                return (number, .waited(.success(try await machine.awaitStop(instance, patience))))
              } catch {
                return (number, .waited(.failure(error)))
              }
            }
            continue
          }
          result = .success(true)
        case .worked(.failure(let error)):
          working -= 1
          result = .failure(error)
        case .waited(let ended):
          waiting -= 1
          result = ended
        }
        switch result {
        case .success(false): report.open.insert(number)
        case .success(true):
          watch(.ended(step, after: begun[number].map { clock.now - $0 } ?? .zero))
          report.done.insert(number)
          for next in dependents[number] ?? [] {
            missing[next]?.remove(number)
            guard missing[next]?.isEmpty == true else { continue }
            if case .start? = byNumber[next]?.action { starts.append(next) } else { ready.append(next) }
          }
        case .failure(let error):
          watch(.failed(step, error))
          report.failed[number] = error
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
