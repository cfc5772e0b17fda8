internal import Stacks

extension Binder {
  /// The entries of `pre_start`: containers that end one after the other, each with status 0, before a
  /// replica is started. Each is a service of its own with one container, which the first replica
  /// and so all depend on. It runs anew when the service or it itself is changed, not when replicas are
  /// added or start again (`Service.preparesFor`).
  mutating func preStart(of pair: Node.Pair, for service: inout Service) -> [String: Service] {
    let entries = pair.value["pre_start"]?.items ?? []
    if entries.isEmpty { return [:] }
    var steps: [String: Service] = [:]
    var earlier = service.dependencies
    let identity = fnv1a(JSONWriter.text(JSONModel.value(of: Self.settings(of: pair.value))))
    for (index, entry) in entries.enumerated() {
      let name = "\(pair.key)-pre_start-\(index + 1)"
      if active.contains(name) {
        findings.error(
          entry.at, "there is a service \(quoted(name)) already, which is the name of this container",
          fix: "rename the service")
      }
      if let flag = entry["per_replica"], flag.bool == true {
        findings.error(
          flag.at, "'per_replica: true' is not supported: an entry of 'pre_start' runs once for the service",
          fix: "remove it")
      }
      guard var step = self.service(Node.Pair(name, entry, at: entry.at)) else { continue }
      step.replicas = 1
      step.preparesFor = pair.key
      step.reconciliation = service.reconciliation
      step.isAttached = service.isAttached
      step.dependencies = earlier
      // It answers to no name and has no address of the replicas.
      for key in step.template.networks.keys {
        step.template.networks[key]?.aliases = []
        step.template.networks[key]?.address = nil
        step.template.networks[key]?.address6 = nil
        step.template.networks[key]?.hardwareAddress = nil
      }
      step.template.labels[Service.preparationLabel] = "\(pair.key)@\(String(identity, radix: 16))"
      steps[name] = step
      earlier[name] = Dependency(condition: .completed)
    }
    service.dependencies = earlier
    return steps
  }

  /// What of a service makes other containers of it.
  private static func settings(of service: Node) -> Node {
    let others: Set = ["depends_on", "pull_policy", "stop_grace_period", "stop_signal"]
    let pairs = service.pairs.filter { Forms.containerRows[$0.key] != nil && !others.contains($0.key) }
    return Node(.map(pairs), at: service.at)
  }
}
