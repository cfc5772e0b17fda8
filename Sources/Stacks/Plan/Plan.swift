/// What to do to come from what is there to what is wanted.
public struct Plan: Hashable, Sendable {
  /// The stack that it is for.
  public var stack: String
  /// In an order that the edges allow; step numbers are 1, 2, 3, ….
  public var steps: [Step]
  /// What cannot be done yet, and why: the next pass will see.
  public var waiting: [Slot: String]
  /// Those of `waiting` whose container is there, but not as it was asked for: it differs, or is to be
  /// started again. One that only waits out the delay of its restart policy is not among them.
  public var unfinished: Set<Slot>
  /// What can never be done until the user changes something, and why.
  public var blocked: [Slot: String]
  /// What the user should know though it holds nothing up, such as orphans that are kept; sorted.
  public var notes: [String]
  /// Where the updates of services stand that replace their replicas by a policy.
  public var updates: [String: UpdateStatus]
  /// Containers that are to get no new connections while this plan is carried out, though they run:
  /// they are not ready beside those that they will replace, or they are stopped.
  public var unrouted: Set<ContainerID>
  /// What is only reported, because its service is; sorted by subject.
  public var drift: [Drift]
  /// Runs of jobs whose time has come. Who carries out the plan writes that down (`Stack.firing`) and makes
  /// another.
  public var due: [DueRun]
  /// When each job with a schedule is run next.
  public var nextRuns: [String: Moment]
  /// When to look again though nothing has happened; nil: only when something happens.
  public var lookAgain: Moment?

  public init(
    stack: String, steps: [Step] = [], waiting: [Slot: String] = [:], unfinished: Set<Slot> = [],
    blocked: [Slot: String] = [:], notes: [String] = [],
    updates: [String: UpdateStatus] = [:], unrouted: Set<ContainerID> = [], drift: [Drift] = [],
    due: [DueRun] = [], nextRuns: [String: Moment] = [:], lookAgain: Moment? = nil
  ) {
    self.stack = stack
    self.steps = steps
    self.waiting = waiting
    self.unfinished = unfinished
    self.blocked = blocked
    self.notes = notes
    self.updates = updates
    self.unrouted = unrouted
    self.drift = drift
    self.due = due
    self.nextRuns = nextRuns
    self.lookAgain = lookAgain
  }

  /// There is nothing to do now; something may still wait or be blocked.
  public var isEmpty: Bool { steps.isEmpty }
}

/// One thing to do.
public struct Step: Hashable, Sendable {
  public var number: Int
  /// The numbers of the steps that must have succeeded before this one begins; each is lower.
  public var after: [Int]
  public var action: Action
  /// Why, for people: `environment.PORT: 80 → 8080`.
  public var reason: String
  /// Every field in which what is there differs from what is wanted, where that is the reason.
  public var changes: [Difference]

  public init(number: Int, after: [Int], action: Action, reason: String, changes: [Difference] = []) {
    self.number = number
    self.after = after
    self.action = action
    self.reason = reason
    self.changes = changes
  }
}

/// What a step does. Each case has what it needs; no step reads another's result.
public enum Action: Hashable, Sendable {
  /// Makes a network, or mends one that is recorded: its bridge, its address, its rules.
  case createNetwork(key: String, NetworkDefinition)
  /// By name on the machine.
  case removeNetwork(name: String)
  case createVolume(key: String, VolumeDefinition)
  case removeVolume(name: String)
  /// Records the container and its file system; nothing runs yet.
  case create(Instance, ContainerSpec, image: Digest)
  case start(Instance)
  /// The stop signal, then after the grace period SIGKILL. `signal` nil: the image's, or SIGTERM. One
  /// that was asked before is not asked again, and its grace period counts from then.
  case stop(Instance, signal: String?, grace: Span, cause: StopCause)
  /// A container that does not run. With `keepsVolumes` its volumes without a name are left to the next
  /// container of its slot; otherwise they go with it.
  case remove(Instance, keepsVolumes: Bool)
  /// Changes what can be changed while it runs: limits, restart policy, ports, stop settings; and gives
  /// it back the links to its networks that it has lost.
  case update(Instance, ContainerSpec)
}

/// Why a container is stopped, which decides whether its restart policy has it start again.
public enum StopCause: String, Codable, Hashable, Sendable {
  /// It is not to run now: it stays stopped until it is asked for.
  case asked
  /// Its health check fails: that is a failure, as if it had ended by itself.
  case unhealthy
  /// It is removed next: how it ended decides nothing any more.
  case removal
}
