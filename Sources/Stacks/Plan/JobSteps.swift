// Jobs: when each is to be run, and what its runs wait for.

/// A run of a job whose time has come.
public struct DueRun: Codable, Hashable, Sendable {
  public var job: String
  /// The time of its schedule.
  public var at: Moment
  /// It begins when earlier runs have ended.
  public var isQueued: Bool
  /// The run that has not ended, for which this one is left out; nil: it is to be.
  public var leftOutFor: String?

  public init(job: String, at: Moment, isQueued: Bool = false, leftOutFor: String? = nil) {
    self.job = job
    self.at = at
    self.isQueued = isQueued
    self.leftOutFor = leftOutFor
  }

  /// Under which its one-off container is kept: it sorts by time, and two schedules of one time are one.
  public var key: String { "\(job)-run-\(at.nameStamp)" }
}

extension Planner {
  /// Works out which runs are due, and when the next ones are.
  mutating func scheduleJobs() {
    for (name, job) in desired.jobs.sorted(by: { $0.key < $1.key }) {
      // Whoever keeps the stack says from when on its times count.
      guard let lookedAt = job.lookedAt else { continue }
      var runs: [String: DueRun] = [:]
      for schedule in job.schedules {
        if let at = schedule.due(after: lookedAt, now: now) {
          var run = DueRun(job: name, at: at, isQueued: schedule.concurrency == .queue)
          if !run.isQueued { run.leftOutFor = runUnderWay(of: name) }
          if runs[run.key]?.leftOutFor == nil, runs[run.key] != nil { continue }
          runs[run.key] = run
        }
      }
      plan.due += runs.values.sorted { $0.key < $1.key }
      if let next = job.nextRun(after: now) {
        plan.nextRuns[name] = next
        look(at: next)
      }
    }
  }

  /// A run of the job that has not ended, made or not: the first by key; nil: there is none. `before`: only
  /// those with a lesser key.
  func runUnderWay(of job: String, before key: String? = nil) -> String? {
    desired.oneOffs.filter { other, wanted in
      guard wanted.spec.oneOffOf == job, !wanted.isDiscarded, key.map({ other < $0 }) ?? true else {
        return false
      }
      guard let container = roster.oneOffs[other] else { return !wanted.isBegun }
      if case .exited = container.state { return false }
      return true
    }.keys.min()
  }

  /// Whether a later run of the same job has begun, so that this one's container is of no more use.
  func isSuperseded(_ key: String, _ oneOff: WantedOneOff) -> Bool {
    oneOff.isScheduled
      && desired.oneOffs.contains { other, wanted in
        other > key && wanted.isScheduled && wanted.isBegun && wanted.spec.oneOffOf == oneOff.spec.oneOffOf
      }
  }
}

extension Stack {
  /// The stack as it is to be kept when runs of its jobs are due: each is a one-off container; nil: none is.
  public func firing(_ plan: Plan, at now: Moment) -> Stack? {
    if plan.due.isEmpty { return nil }
    var stack = self
    for run in plan.due {
      guard let job = jobs[run.job] else { continue }
      stack.jobs[run.job]?.lookedAt = now
      guard run.leftOutFor == nil, oneOffs[run.key] == nil else { continue }
      let service = Service(template: job.template, dependencies: job.dependencies)
      var oneOff = oneOff(
        of: run.job, service, as: run.key,
        RunChanges(hasTerminal: job.template.tty, hasInput: job.template.stdinOpen, keepsPorts: true))
      oneOff.isScheduled = true
      oneOff.isQueued = run.isQueued
      stack.oneOffs[run.key] = oneOff
    }
    return stack
  }
}
