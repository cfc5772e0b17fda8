extension Stack {
  /// The stack as flat maps: replicas expanded, names on the machine filled in, and only those
  /// networks and volumes that a service uses.
  ///
  /// `previous` is the stack as it was before this one: what its services depended on is kept for
  /// those that are gone, so that orphans are stopped in order too. nil: it is not known.
  public func lowered(after previous: Stack? = nil) -> DesiredState {
    var desired = DesiredState(
      stack: name, services: Set(services.keys),
      dependencies: (previous?.services ?? [:]).mapValues(\.dependencies))
    for (serviceName, service) in services {
      desired.dependencies[serviceName] = service.dependencies
      desired.asked[serviceName] = service.asked
      desired.updates[serviceName] = service.updatePolicy
      if service.preparesFor != nil { desired.preparations.insert(serviceName) }
      if service.fallback != nil { desired.undoable.insert(serviceName) }
      if service.reconciliation == .observe, service.isCarriedOut {
        desired.watchedServices.insert(serviceName)
      }
      if let policy = service.autoscale, let reason = service.scaledBecause {
        desired.remarks.append(
          "\(serviceName) has \(service.replicas) replicas, which may be \(policy): \(reason)")
      }
      if service.isStopped { desired.stoppedServices.insert(serviceName) }
      let model = spec(of: serviceName, service.$template)
      for key in model.template.networks.keys { desired.networks[key] = networks[key] }
      for key in model.volumeKeys { desired.volumes[key] = volumes[key] }
      for number in 0..<max(0, service.replicas) {
        let spec = model.numbered(number + 1)
        desired.containers[spec.slot] = spec
      }
    }
    desired.remarks.sort()
    desired.jobs = jobs
    for job in jobs.values {
      for key in job.template.networks.keys { desired.networks[key] = networks[key] }
      for key in spec(of: "", Boxed(wrappedValue: job.template)).volumeKeys {
        desired.volumes[key] = volumes[key]
      }
    }
    for (key, oneOff) in oneOffs {
      var spec = spec(of: key, Boxed(wrappedValue: oneOff.template))
      spec.oneOffOf = oneOff.service
      desired.dependencies[key] = oneOff.dependencies
      for key in spec.template.networks.keys { desired.networks[key] = networks[key] }
      for key in spec.volumeKeys { desired.volumes[key] = volumes[key] }
      desired.oneOffs[key] = WantedOneOff(
        spec: spec, keptFor: oneOff.keptFor, isBegun: oneOff.isBegun, isDiscarded: oneOff.isDiscarded,
        isScheduled: oneOff.isScheduled, isQueued: oneOff.isQueued)
    }
    return desired
  }

  /// The spec of the service's first replica.
  private func spec(of serviceName: String, _ template: Boxed<ContainerTemplate>) -> ContainerSpec {
    var spec = ContainerSpec(
      slot: Slot(stack: name, service: serviceName, number: 1), sharing: template)
    for key in spec.template.networks.keys { spec.networkNames[key] = networks[key]?.name }
    for key in spec.volumeKeys { spec.volumeNames[key] = volumes[key]?.name }
    return spec
  }
}

extension ContainerSpec {
  /// The same, as the replica with another number.
  func numbered(_ number: Int) -> ContainerSpec {
    var copy = self
    copy.slot.number = number
    // Where nothing is another, all replicas share one template.
    guard template.ports.contains(where: \.isRange) else { return copy }
    copy.template.ports = template.ports.map { $0.numbered(number) }
    return copy
  }
}
