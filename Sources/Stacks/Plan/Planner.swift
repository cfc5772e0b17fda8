/// One attempt at a plan: what was decided so far, and the steps that follow from it.
///
/// It goes through the parts in the order of `attempt`; each later part reads what the earlier ones
/// decided. Only `Plan.make` uses it.
struct Planner {
  let observed: ObservedState
  let desired: DesiredState
  let now: Moment
  let options: PlanOptions
  /// What earlier attempts have found out.
  let lessons: Lessons
  /// It is only asked what would be done, without waiting for delays.
  let isHypothetical: Bool
  let roster: Roster
  let order: ServiceOrder

  var graph = PlanGraph()
  var plan: Plan

  /// By key in the file.
  var networks: [String: NetworkVerdict] = [:]
  /// The step that makes a network or volume, by its name on the machine.
  var networkMade: [String: PlanGraph.NodeID] = [:]
  var volumeMade: [String: PlanGraph.NodeID] = [:]
  var volumeObstacles: [String: Obstacle] = [:]
  /// The steps that remove the old form of a network, by its name on the machine.
  var networkRemoved: [String: PlanGraph.NodeID] = [:]

  var stopped: [ContainerID: PlanGraph.NodeID] = [:]
  var removed: [ContainerID: PlanGraph.NodeID] = [:]
  var created: [Slot: (spec: ContainerSpec, node: PlanGraph.NodeID)] = [:]
  /// Stops by service.
  var stops: [String: [PlanGraph.NodeID]] = [:]
  /// What becomes of each replica, for those that depend on it.
  var outcomes: [String: [Outcome]] = [:]
  /// Services of which this plan makes a container that follows one that is there, whole or broken.
  var replaced: Set<String> = []
  /// Of services whose replicas are replaced by a policy.
  var rollouts: [String: Rollout] = [:]
  /// Containers beside which this plan makes their successors.
  var overlapped: Set<ContainerID> = []
  /// Replicas that have failed again and again and have not been well since.
  var failing: Set<Slot> = []
  /// Services of which this plan starts a container again that failed.
  var revived: Set<String> = []
  /// When each service was last asked to be restarted, by hand or through what it depends on.
  var restartAsked: [String: Moment] = [:]

  init(
    _ observed: ObservedState, _ desired: DesiredState, _ now: Moment, _ options: PlanOptions,
    _ roster: Roster, _ order: ServiceOrder, _ lessons: Lessons, isHypothetical: Bool
  ) {
    self.observed = observed
    self.desired = desired
    self.now = now
    self.options = options
    self.lessons = lessons
    self.isHypothetical = isHypothetical
    self.roster = roster
    self.order = order
    plan = Plan(stack: desired.stack)
  }

  /// Decides everything. Returns what this attempt would make and what cannot be made beside what
  /// stays; empty: `plan` is the plan.
  mutating func attempt() -> Lessons {
    judgeVolumes()
    judgeNetworks()
    for departure in roster.departures where !isWatched(departure.container.instance.slot.service) {
      depart(departure)
    }
    makeNetworks()
    for service in order.sequence {
      noteRestart(of: service)
      if isWatched(service) {
        for assignment in roster.assignments[service] ?? [] { witness(assignment) }
        continue
      }
      let gate = gate(of: service)
      if let oneOff = desired.oneOffs[service] {
        settle(oneOff, service, gate)
        continue
      }
      schedule(service, gate)
      for assignment in roster.assignments[service] ?? [] { settle(assignment, gate) }
    }
    settleStrays()
    scheduleJobs()
    for orphan in roster.orphans where orphan.stopping != nil {
      _ = stop(orphan, because: "it was asked to end before its service left the stack")
    }
    removeNetworks()
    removeVolumes()
    let found = Lessons(replicas: orderHolders(), networks: orderSubnets())
    guard found.isEmpty else { return found }
    orderStops()
    noteUnused()
    plan.notes += order.circles + desired.remarks
    plan.notes += roster.orphans.map {
      "\($0.instance) is an orphan: service \($0.instance.slot.service) is not in the stack; "
        + "--remove-orphans removes it"
    }
    plan.notes.sort()
    noteUnrouted()
    plan.steps = graph.steps()
    return Lessons()
  }

  /// `isUnfinished`: what the slot has is not as it was asked for.
  mutating func report(_ slot: Slot, _ obstacle: Obstacle, isUnfinished: Bool = false) {
    if isUnfinished, !obstacle.isLasting { plan.unfinished.insert(slot) }
    func add(to reasons: inout [Slot: String]) {
      let earlier = reasons[slot]
      if earlier == obstacle.reason { return }
      reasons[slot] = earlier.map { "\($0); \(obstacle.reason)" } ?? obstacle.reason
    }
    if obstacle.isLasting { add(to: &plan.blocked) } else { add(to: &plan.waiting) }
  }

  mutating func look(at moment: Moment) {
    plan.lookAgain = min(plan.lookAgain ?? moment, moment)
  }
}
