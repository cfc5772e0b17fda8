/// One job in a listing: what its runs have come to. Those whose containers are gone are not seen, so of a
/// schedule's runs the last one is, and one by hand as long as its container is kept.
public struct JobSummary: Hashable, Sendable {
  public var job: String
  /// Runs that run.
  public var running: Int
  /// How the last run ended that has; nil: none has, or its container is gone.
  public var last: ContainerState.Exited?
  /// The next time of its schedules; nil: it has none, or the stack is stopped.
  public var nextRun: Moment?

  public init(job: String, running: Int, last: ContainerState.Exited? = nil, nextRun: Moment? = nil) {
    self.job = job
    self.running = running
    self.last = last
    self.nextRun = nextRun
  }

  /// A summary for each job of the stack, sorted by name.
  public static func list(_ observed: ObservedState, _ desired: DesiredState, now: Moment) -> [JobSummary] {
    let runs = Dictionary(grouping: observed.containers.values, by: \.spec.oneOffOf)
    return desired.jobs.sorted { $0.key < $1.key }.map { name, job in
      let runs = runs[name] ?? []
      let ended = runs.compactMap { if case .exited(let exited) = $0.state { exited } else { nil } }
      return JobSummary(
        job: name, running: runs.count(where: \.isRunning),
        last: ended.max { $0.finishedAt < $1.finishedAt }, nextRun: job.nextRun(after: now))
    }
  }
}
