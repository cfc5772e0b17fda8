extension Stack {
  /// The stack with the number of replicas that `--scale SERVICE=NUMBER` gives.
  ///
  /// Throws where a service is not in the stack, a number is negative, or a service with a
  /// `container_name` would get more than one container.
  public func scaled(_ replicas: [String: Int]) throws(ValueError) -> Stack {
    var scaled = self
    for (serviceName, count) in replicas.sorted(by: { $0.key < $1.key }) {
      func refuse(_ why: String) -> ValueError {
        ValueError(kind: "scale", text: "\(serviceName)=\(count)", reason: why)
      }
      guard let service = services[serviceName] else {
        throw refuse("stack '\(name)' has no service '\(serviceName)'; \(knownServices)")
      }
      guard count >= 0 else { throw refuse("the number of replicas must be 0 or more") }
      if let fixed = service.template.containerName, count > 1 {
        throw refuse("it has container_name '\(fixed)', which only one container can have; remove it")
      }
      if let policy = service.autoscale, policy.clamped(count) != count {
        throw refuse("its 'x-autoscale' allows \(policy) replicas; change that, or remove it")
      }
      scaled.services[serviceName]?.replicas = count
      scaled.services[serviceName]?.scaledBecause = nil
      scaled.services[serviceName]?.isCarriedOut = false
    }
    return scaled
  }

  /// The stack with only some services changed, as `up SERVICE…` asks: those in `names` and all that
  /// they depend on are as in this stack; the others are as in `previous`, and are left out where
  /// `previous` does not have them or this stack has them no longer.
  ///
  /// Throws where a name is not a service of this stack.
  public func selecting(_ names: Set<String>, over previous: Stack?) throws(ValueError) -> Stack {
    let chosen = try closure(of: names)
    var selected = self
    selected.services = services.filter { chosen.contains($0.key) }
    selected.jobs = previous?.jobs ?? [:]
    for (serviceName, service) in previous?.services ?? [:]
    where !chosen.contains(serviceName) && services[serviceName] != nil {
      selected.services[serviceName] = service
    }
    return selected
  }

  /// The stack in which the user asks for services now; nil: for every service.
  ///
  /// The times of new jobs count from now on. What is asked for is no longer stopped. Dependencies of those named are asked for too, unless
  /// `withDependencies` is false. Throws where a name is not a service of this stack.
  public func asking(
    for names: Set<String>? = nil, at now: Moment, restart: Bool = false, renewal: Bool = false,
    freshVolumes: Bool = false, withDependencies: Bool = true
  ) throws(ValueError) -> Stack {
    var chosen = names ?? Set(services.keys)
    let closed = try closure(of: chosen)
    if withDependencies { chosen = closed }
    var asked = self
    for serviceName in chosen {
      asked.services[serviceName]?.isStopped = false
      asked.services[serviceName]?.isCarriedOut = false
      asked.services[serviceName]?.asked.up = now
      if names == nil || names!.contains(serviceName) {
        if restart { asked.services[serviceName]?.asked.restart = now }
        if renewal { asked.services[serviceName]?.asked.renewal = now }
        if freshVolumes { asked.services[serviceName]?.asked.freshVolumes = now }
      }
    }
    for name in jobs.keys where asked.jobs[name]?.lookedAt == nil { asked.jobs[name]?.lookedAt = now }
    return asked
  }

  /// The stack in which the services are kept but not run; nil: every service, and no job is run at its
  /// times until the user asks for services again. Throws where a name is not a service of this stack.
  public func stopping(_ names: Set<String>? = nil) throws(ValueError) -> Stack {
    _ = try closure(of: names ?? [])
    var stopped = self
    for serviceName in names ?? Set(services.keys) {
      stopped.services[serviceName]?.isStopped = true
      stopped.services[serviceName]?.isCarriedOut = false
    }
    if names == nil {
      for name in jobs.keys { stopped.jobs[name]?.lookedAt = nil }
    }
    return stopped
  }

  /// `reach`, which throws where a name is not a service of this stack.
  private func closure(of names: Set<String>) throws(ValueError) -> Set<String> {
    for serviceName in names.sorted() where services[serviceName] == nil {
      throw ValueError(
        kind: "service", text: serviceName, reason: "stack '\(name)' has \(knownServices)")
    }
    return reach(of: names)
  }

  /// The services named and all that they depend on, however far, in the stack or not.
  func reach(of names: Set<String>) -> Set<String> {
    var found: Set<String> = []
    var rest = names
    while let serviceName = rest.popFirst() {
      guard found.insert(serviceName).inserted else { continue }
      rest.formUnion((services[serviceName]?.dependencies ?? [:]).keys)
    }
    return found
  }

  private var knownServices: String {
    services.isEmpty ? "no services" : "services " + services.keys.sorted().joined(separator: ", ")
  }
}
