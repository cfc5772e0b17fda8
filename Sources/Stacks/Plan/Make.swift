extension Plan {
  /// What to do to come from `observed` to `desired`.
  ///
  /// Equal inputs give an equal plan. Carrying it out leaves nothing to do until time passes or
  /// something happens; every order that the edges allow is a legal one; and what does not differ is
  /// in no step.
  ///
  /// - Replicas are interchangeable: those that exist are kept whatever their numbers, and where
  ///   there are too many, those go first that would be replaced anyhow, then those that are unwell,
  ///   then those with the highest numbers.
  /// - A container that differs only where it can be changed as it runs is updated in place.
  ///   Otherwise it is stopped, removed, and made anew with the next generation. Before that is begun,
  ///   all that the new one needs must be there; until then the old one runs on.
  /// - Nothing waits within a plan: a step for which an image, a healthy dependency or the end of a
  ///   back-off is missing is left out, `waiting` says why, and a later plan has it.
  /// - Of services that are only observed nothing is changed; `drift` is what would be.
  /// - `lookAgain` is the earliest time at which the plan would be another one though nothing has
  ///   happened.
  ///
  /// Both states must be of the same stack.
  public static func make(
    from observed: ObservedState, to desired: DesiredState, now: Moment,
    options: PlanOptions = PlanOptions()
  ) -> Plan {
    precondition(observed.stack == desired.stack, "the states are of two stacks")
    // Every attempt goes by these: neither who is observed nor what was learned changes them.
    let roster = Roster(observed, desired, now: now, removeOrphans: options.removeOrphans)
    let order = ServiceOrder(
      services: Set(roster.assignments.keys).union(desired.oneOffs.keys), dependencies: desired.dependencies)
    func decide(_ desired: DesiredState, isHypothetical: Bool) -> Plan {
      Plan.decide(observed, desired, now, options, roster, order, isHypothetical: isHypothetical)
    }
    var plan = decide(desired, isHypothetical: false)
    if desired.watchedServices.isEmpty { return plan }
    var enforced = desired
    enforced.watchedServices = []
    let whole = decide(enforced, isHypothetical: true)
    plan.drift = Drift.list(whole, without: plan, desired.watchedServices, observed)
    return plan
  }

  /// `isHypothetical`: what would be done if no delay counted.
  private static func decide(
    _ observed: ObservedState, _ desired: DesiredState, _ now: Moment, _ options: PlanOptions,
    _ roster: Roster, _ order: ServiceOrder, isHypothetical: Bool
  ) -> Plan {
    // A replica whose name or address is taken, and a network whose subnet is, are found out only when
    // all else is decided; and not making one can leave what another needs taken. Each attempt adds at
    // least one to those that are not made, so this ends.
    var lessons = Lessons()
    while true {
      var planner = Planner(
        observed, desired, now, options, roster, order, lessons, isHypothetical: isHypothetical)
      let found = planner.attempt()
      if found.isEmpty { return planner.plan }
      lessons.add(found)
    }
  }
}
