extension Stack {
  /// The fields in which `next` differs from this, with paths as in the stack file, in a fixed order;
  /// empty exactly where both declare the same. What was asked for by hand, and where an update stands,
  /// is no part of what is declared.
  public func changes(to next: Stack) -> [Difference] {
    var found: [Difference] = []
    func compare<Value>(
      _ kind: String, _ old: [String: Value], _ new: [String: Value], shown: (Value) -> String,
      by differences: (Value, Value) -> [Difference]
    ) {
      for name in Set(old.keys).union(new.keys).sorted() {
        let path = "\(kind).\(name)"
        guard let before = old[name], let after = new[name] else {
          found.append(
            Difference(
              path: path, old: old[name].map(shown) ?? "none", new: new[name].map(shown) ?? "none"))
          continue
        }
        for var difference in differences(before, after) {
          difference.path = "\(path).\(difference.path)"
          found.append(difference)
        }
      }
    }
    compare(
      "services", services, next.services, shown: { "image \($0.template.image)" },
      by: { $0.changes(to: $1) })
    compare("jobs", jobs, next.jobs, shown: { "image \($0.template.image)" }, by: { $0.changes(to: $1) })
    compare("networks", networks, next.networks, shown: \.name, by: { $0.changes(to: $1) })
    compare("volumes", volumes, next.volumes, shown: \.name, by: { $0.changes(to: $1) })
    return found
  }

  /// What the file declares, without what was asked for by hand and where updates stand.
  public var declaration: Stack {
    var stack = self
    stack.oneOffs = [:]
    for name in jobs.keys { stack.jobs[name]?.lookedAt = nil }
    for name in services.keys {
      stack.services[name]?.asked = Asked()
      stack.services[name]?.fallback = nil
      stack.services[name]?.isRollingBack = false
      stack.services[name]?.isCarriedOut = false
      stack.services[name]?.scaledBecause = nil
    }
    return stack
  }

  /// This stack with what `earlier` declared, so that the services that differ go back by their
  /// `rollback_config`.
  public func goingBack(to earlier: Stack) -> Stack {
    var stack = earlier.declaration
    stack.oneOffs = oneOffs
    stack.resumeJobs(of: self)
    for (name, service) in services {
      guard let before = stack.services[name] else { continue }
      stack.services[name]?.asked = service.asked
      stack.services[name]?.keepScale(of: service)
      stack.services[name]?.isRollingBack = before.template != service.template
    }
    return stack
  }
}

extension Service {
  fileprivate func changes(to next: Service) -> [Difference] {
    var comparing = Comparing(self, next)
    comparing.add(template.differences(to: next.template))
    comparing.field("deploy.replicas", \.replicas)
    comparing.entries("depends_on", \.dependencies) {
      $0.condition.rawValue + ($0.restart ? ", restart" : "") + ($0.required ? "" : ", not required")
    }
    comparing.optional("deploy.update_config", \.update, show: \.words)
    comparing.optional("deploy.rollback_config", \.rollback, show: \.words)
    comparing.optional("x-autoscale", \.autoscale, show: \.words)
    comparing.field("x-reconcile", \.reconciliation.rawValue)
    comparing.field("stopped", \.isStopped)
    comparing.field("profiles", \.profiles)
    comparing.field("attach", \.isAttached)
    comparing.field("pre_start of", \.preparesFor)
    return comparing.found
  }
}

extension Job {
  fileprivate func changes(to next: Job) -> [Difference] {
    var comparing = Comparing(self, next)
    comparing.add(template.differences(to: next.template))
    comparing.entries("depends_on", \.dependencies) { $0.condition.rawValue }
    comparing.field("profiles", \.profiles)
    let (before, after) = (schedules.map(\.description), next.schedules.map(\.description))
    if before != after {
      func shown(_ all: [String]) -> String { all.isEmpty ? "none" : all.joined(separator: "; ") }
      comparing.add([Difference(path: "triggers.schedule", old: shown(before), new: shown(after))])
    }
    return comparing.found
  }
}

extension Autoscale {
  fileprivate var words: String {
    let by = targets.map { target in
      switch target {
      case .cpu(let percent): "cpu \(percent)"
      case .memory(let bytes): "memory \(Shown.bytes(bytes))"
      case .command(let command, let share): "command \(command.joined(separator: " ")), target \(share)"
      case .http(let metric, let share): "http \(metric), target \(share)"
      }
    }
    return
      "\(self), \(by.joined(separator: ", ")), every \(interval), up after \(upAfter), down after \(downAfter)"
  }
}

extension UpdatePolicy {
  fileprivate var words: String {
    "\(parallelism) at a time, delay \(delay), monitor \(monitor), \(order.rawValue), "
      + "\(failureAction.rawValue) over \(maxFailureRatio)"
  }
}

extension NetworkDefinition {
  fileprivate func changes(to next: NetworkDefinition) -> [Difference] {
    var comparing = Comparing(self, next)
    comparing.field("name", \.name)
    comparing.field("external", \.isExternal)
    comparing.add(differences(to: next))
    return comparing.found
  }
}

extension VolumeDefinition {
  fileprivate func changes(to next: VolumeDefinition) -> [Difference] {
    var comparing = Comparing(self, next)
    comparing.field("name", \.name)
    comparing.field("external", \.isExternal)
    comparing.add(differences(to: next))
    return comparing.found
  }
}
