internal import EngineInterface
package import Logging
package import Stacks
internal import Synchronization

/// Keeps one stack as it is declared: observe, plan, execute, wait, again.
///
/// Between passes nothing is remembered but what is in the store, on disk and in the kernel; the
/// inbox holds only who asked for what and who is watching. One task runs `run`.
package final class StackLoop<Target: Machine>: Sendable {
  package let name: String
  private let machine: Target
  private let store: DesiredStore
  private let executor: Executor<Target>
  private let logger: Logger
  private let wakeUps: AsyncStream<Void>
  private let bell: AsyncStream<Void>.Continuation
  private let inbox = Mutex(Inbox())
  /// For those who watch; nothing is decided by it.
  private let stops = Mutex(StopsUnderWay())

  private struct Inbox {
    /// For the next pass only.
    var options = PassOptions()
    var watchers: [ProgressWatcher] = []
    var isClosed = false
    /// How long the pass that is under way waits for what it stops.
    var patience = Patience()
  }

  /// What a user asked for that holds for one pass and is not kept.
  package struct PassOptions: Sendable {
    /// Replaces the containers' own grace periods.
    package var grace: Span?
    package var removesOrphans = false

    package init(grace: Span? = nil, removesOrphans: Bool = false) {
      self.grace = grace
      self.removesOrphans = removesOrphans
    }
  }

  package init(name: String, machine: Target, store: DesiredStore, logger: Logger) {
    self.name = name
    self.machine = machine
    self.store = store
    self.logger = logger
    executor = Executor(machine: machine)
    (wakeUps, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Something may have changed. Many wake-ups make one pass, and a pass that only waits for containers
  /// to end makes way for it.
  package func wake() {
    bell.yield()
    inbox.withLock { $0.patience }.end()
  }

  /// Takes a watcher and what it asks of the next pass; false where the loop has ended, and nothing
  /// was taken.
  package func take(_ watcher: ProgressWatcher, _ options: PassOptions) -> Bool {
    let isOpen = inbox.withLock { inbox in
      guard !inbox.isClosed else { return false }
      if let grace = options.grace { inbox.options.grace = grace }
      if options.removesOrphans { inbox.options.removesOrphans = true }
      inbox.watchers.append(watcher)
      return true
    }
    if isOpen { wake() }
    return isOpen
  }

  /// Runs until the stack is taken down or the task is cancelled.
  package func run() async {
    var failures = 0
    var iterator = wakeUps.makeAsyncIterator()
    while !Task.isCancelled {
      let outcome = await pass()
      switch outcome {
      case .gone:
        close()
        return
      case .again:
        failures = 0
        continue
      case .settled(let lookAgain):
        failures = 0
        await bell.wait(for: lookAgain.map { $0 - machine.now }, &iterator)
      case .failed:
        failures += 1
        let delay = Span.seconds(1) * Int64(1 << min(failures - 1, 6))
        await bell.wait(for: min(delay, .seconds(60)), &iterator)
      }
    }
    close()
  }

  private enum PassOutcome {
    /// The stack has been taken down and is forgotten.
    case gone
    /// Something was done: look at once whether more can be.
    case again
    case settled(lookAgain: Moment?)
    /// Something failed that is tried again after a while.
    case failed
  }

  private func pass() async -> PassOutcome {
    // What happens from here on is not seen for sure by this pass.
    let (asked, patience) = inbox.withLock { inbox in
      defer { inbox.options = PassOptions() }
      inbox.patience = Patience()
      return (inbox.options, inbox.patience)
    }
    do {
      guard let entry = try store.entry(name) else { return .gone }
      let desired = entry.desired
      let observed = try await machine.observe(desired)
      let plan = Plan.make(
        from: observed, to: desired, now: machine.now,
        options: entry.planOptions(asked.grace, asked.removesOrphans))
      // Before anything is stopped, connections are led elsewhere.
      try await machine.route(observed, without: plan.unrouted)
      if let next = entry.stack.following(plan) {
        // A user who was faster has the last word: the next pass sees it.
        let engine = Requester(user: "cairn engine", command: "update")
        if try store.replace(entry, with: next, by: engine, at: machine.now) { tellFailedUpdates(plan) }
        return .again
      }
      if entry.leaving == nil, let next = entry.stack.noting(observed) {
        tellBegun(next)
        return try keep(next, in: entry)
      }
      if entry.leaving == nil, let next = entry.stack.firing(plan, at: machine.now) {
        for run in plan.due where run.leftOutFor != nil {
          logger.warning(
            "job \(run.job): the run at \(run.at.utc) is left out: \(run.leftOutFor ?? "") has not ended yet",
            metadata: ["stack": "\(name)"])
        }
        return try keep(next, in: entry)
      }
      machine.note(plan.drift, of: name)
      for progress in stops.withLock({ $0.ended(before: plan, at: .now) }) { tell(progress) }
      if plan.isEmpty {
        if entry.leaving != nil, plan.blocked.isEmpty, observed.containers.isEmpty {
          try store.forget(name)
          machine.note([], of: name)
          finishAll(Progress.Outcome(isConverged: true))
          return .gone
        }
        report(plan, desired, observed, revision: entry.revision)
        if entry.leaving == nil, let next = entry.stack.concluding(plan, observed) {
          for (slot, reason) in plan.blocked where entry.stack.oneOffs[slot.service] != nil {
            logger.error("\(slot.service) is given up: \(reason)", metadata: ["stack": "\(name)"])
          }
          return try keep(next, in: entry)
        }
        return .settled(lookAgain: earliest(plan.lookAgain))
      }
      let names = StepNames(desired, observed)
      let result = await executor.execute(plan, patience: patience) { [self] event in
        if case .failed(let step, let error) = event {
          logger.error("\(names.task(step).name): \(error)", metadata: ["stack": "\(name)"])
        }
        if let progress = stops.withLock({ $0.progress(of: event, names, at: .now) }) { tell(progress) }
      }
      guard !result.failed.isEmpty else { return .again }
      report(
        plan, desired, observed, failures: result.failed.values.map(\.message).sorted(),
        undone: plan.services(notIn: result.done), revision: entry.revision)
      // Whoever asked for a one-off container was told; it is not made later on.
      let held = plan.services(notIn: result.done.union(plan.startsFailed(result)))
      if entry.leaving == nil, let next = entry.stack.givingUp(held) { return try keep(next, in: entry) }
      // A container that could not be started is recorded as such, and the planner decides; a
      // plan that failed otherwise is made anew after a while.
      let onlyStarts = plan.steps.allSatisfy { step in
        guard result.failed[step.number] != nil else { return true }
        if case .start = step.action { return true }
        return false
      }
      return onlyStarts ? .again : .failed
    } catch {
      logger.error("\(error)", metadata: ["stack": "\(name)"])
      finishAll(Progress.Outcome(isConverged: false, problems: [error.message]))
      return .failed
    }
  }

  /// Keeps what the engine has found out itself. A user who was faster has the last word: the next pass
  /// sees it.
  private func keep(_ next: Stack, in entry: DesiredStore.Entry) throws(EngineError) -> PassOutcome {
    _ = try store.replace(entry, with: next, by: Requester(user: "cairn engine"), at: machine.now)
    return .again
  }

  // MARK: - Watchers

  private func tell(_ progress: Progress) {
    let watchers = inbox.withLock { $0.watchers }
    for watcher in watchers { watcher.tell(progress) }
  }

  /// Tells every watcher where the stack stands, and ends those that have what they waited for.
  private func report(
    _ plan: Plan, _ desired: DesiredState, _ observed: ObservedState, failures: [String] = [],
    undone: Set<String> = [], revision: Int64
  ) {
    let watchers = inbox.withLock { $0.watchers }
    var ended: [Int] = []
    for watcher in watchers where watcher.revision <= revision {
      let standing =
        switch watcher.aim {
        case .stack:
          Standing.of(
            plan, desired, observed, failures: failures, waitsForHealth: watcher.options.waitsForHealth)
        case .begin(let key):
          Standing.begin(key, plan, desired, observed, failures: undone.contains(key) ? failures : [])
        case .end(let key):
          Standing.end(key, desired, observed, failures: undone.contains(key) ? failures : [])
        }
      switch standing {
      case .done(let outcome):
        watcher.finish(outcome)
        ended.append(watcher.number)
      case .open(let waiting):
        for (container, reason) in waiting.sorted(by: { $0.key < $1.key }) {
          watcher.tellWaiting(container, reason)
        }
        if let deadline = watcher.deadline, deadline <= machine.now {
          watcher.finish(
            Progress.Outcome(
              isConverged: false, timedOut: true,
              problems: waiting.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }))
          ended.append(watcher.number)
        }
      }
    }
    let gone = ended
    inbox.withLock { $0.watchers.removeAll { gone.contains($0.number) } }
  }

  /// Those who wait for an update that is taken back wait no longer.
  private func tellFailedUpdates(_ plan: Plan) {
    let failed = plan.updates.sorted { $0.key < $1.key }.compactMap { name, status in
      if case .failed(let reason) = status.phase {
        "the update of \(name) is taken back: \(reason)"
      } else {
        nil
      }
    }
    if failed.isEmpty { return }
    for problem in failed { logger.error("\(problem)", metadata: ["stack": "\(name)"]) }
    finishAll(Progress.Outcome(isConverged: false, problems: failed))
  }

  /// Ends those who wait for a one-off container that has begun: it may be gone at the next look.
  private func tellBegun(_ stack: Stack) {
    func isThrough(_ watcher: ProgressWatcher) -> Bool {
      if case .begin(let key) = watcher.aim { stack.oneOffs[key]?.isBegun == true } else { false }
    }
    let through = inbox.withLock { inbox in
      defer { inbox.watchers.removeAll(where: isThrough) }
      return inbox.watchers.filter(isThrough)
    }
    for watcher in through { watcher.finish(Progress.Outcome(isConverged: true)) }
  }

  private func finishAll(_ outcome: Progress.Outcome) {
    let watchers = inbox.withLock { inbox in
      defer { inbox.watchers = [] }
      return inbox.watchers
    }
    for watcher in watchers { watcher.finish(outcome) }
  }

  private func close() {
    inbox.withLock { $0.isClosed = true }
    finishAll(Progress.Outcome(isConverged: false, problems: ["the engine stopped looking after \(name)"]))
  }

  // MARK: - Waiting

  private func earliest(_ lookAgain: Moment?) -> Moment? {
    let deadlines = inbox.withLock { $0.watchers.compactMap(\.deadline) }
    return (deadlines + [lookAgain].compactMap { $0 }).min()
  }
}

extension DesiredStore.Entry {
  /// What the planner is to aim at.
  package var desired: DesiredState {
    leaving == nil ? stack.lowered(after: previous) : .nothing(of: stack)
  }

  func planOptions(_ grace: Span?, _ removesOrphans: Bool) -> PlanOptions {
    if let leaving {
      return .down(removeVolumes: leaving.removesVolumes, stopTimeout: grace ?? leaving.timeout)
    }
    return PlanOptions(removeOrphans: removesOrphans, stopTimeout: grace)
  }
}
