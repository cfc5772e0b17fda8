/// One job in a listing: what its runs have come to. Those whose containers are gone are not seen, so of a
/// schedule's runs the last one is, and one by hand as long as its container is kept.
public struct JobSummary: Codable, Hashable, Sendable {
  public var job: String
  /// Runs that have not ended.
  public var running: Int
  /// The last run that has ended; nil: none has, or its container is gone.
  public var last: LastRun?
  /// The next time of its schedules; nil: it has none, or the stack is stopped.
  public var nextRun: Moment?

  public struct LastRun: Codable, Hashable, Sendable {
    public var exitCode: Int32
    public var startedAt: Moment
    public var finishedAt: Moment

    public init(exitCode: Int32, startedAt: Moment, finishedAt: Moment) {
      self.exitCode = exitCode
      self.startedAt = startedAt
      self.finishedAt = finishedAt
    }
  }

  public init(job: String, running: Int, last: LastRun? = nil, nextRun: Moment? = nil) {
    self.job = job
    self.running = running
    self.last = last
    self.nextRun = nextRun
  }

  /// A summary for each job of the stack, sorted by name.
  public static func list(_ observed: ObservedState, _ desired: DesiredState, now: Moment) -> [JobSummary] {
    let runs = Dictionary(grouping: observed.containers.values.filter { $0.spec.oneOffOf != nil }) {
      $0.spec.oneOffOf ?? ""
    }
    return desired.jobs.sorted { $0.key < $1.key }.map { name, job in
      var summary = JobSummary(job: name, running: 0, nextRun: job.nextRun(after: now))
      for run in runs[name] ?? [] {
        switch run.state {
        case .running: summary.running += 1
        case .exited(let exited):
          if let last = summary.last, last.finishedAt >= exited.finishedAt { continue }
          summary.last = LastRun(
            exitCode: exited.code, startedAt: exited.startedAt, finishedAt: exited.finishedAt)
        case .created, .broken: continue
        }
      }
      return summary
    }
  }
}
