extension Plan {
  /// The plan for people: one line a step, with its number, the steps it comes after, what it does
  /// and why; then what waits, what is blocked, and notes. Each line ends in a newline.
  ///
  ///     1: create network shop_default: it is missing
  ///     2 ← 1: create web:1 from sha256:0a1b2c3d4e5f: it is missing
  ///     waiting api:1: db:1 is not healthy yet
  public var text: String {
    var lines = steps.map { step in
      let edges = step.after.isEmpty ? "" : " ← " + step.after.map(String.init).joined(separator: ", ")
      return "\(step.number)\(edges): \(step.action): \(step.reason)"
    }
    for (slot, reason) in waiting.sorted(by: { $0.key < $1.key }) {
      lines.append("waiting \(slot): \(reason)")
    }
    for (slot, reason) in blocked.sorted(by: { $0.key < $1.key }) {
      lines.append("blocked \(slot): \(reason)")
    }
    for (service, status) in updates.sorted(by: { $0.key < $1.key }) {
      lines.append("update of \(service): \(status)")
    }
    lines += due.map { run in
      "run \(run.job), due at \(run.at.utc)"
        + (run.leftOutFor.map { ", is left out: \($0) has not ended yet" } ?? "")
    }
    lines += nextRuns.sorted { $0.key < $1.key }.map { "job \($0.key) is run next at \($0.value.utc)" }
    lines += drift.map { "drift \($0)" }
    lines += notes.map { "note: \($0)" }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The text, with a last line that says how long after `now` to look again.
  public func text(now: Moment) -> String {
    guard let lookAgain else { return text }
    return text + "look again in \(max(lookAgain - now, .zero))\n"
  }
}

extension Action: CustomStringConvertible {
  /// What it does to which container, network or volume.
  public var verb: String {
    switch self {
    case .createNetwork: "create network"
    case .removeNetwork: "remove network"
    case .createVolume: "create volume"
    case .removeVolume: "remove volume"
    case .create: "create"
    case .start: "start"
    case .stop: "stop"
    case .remove: "remove"
    case .update: "update"
    }
  }

  /// The container that it is about; nil for networks and volumes.
  public var instance: Instance? {
    switch self {
    case .create(let instance, _, _), .start(let instance), .stop(let instance, _, _, _),
      .remove(let instance, _), .update(let instance, _):
      instance
    case .createNetwork, .removeNetwork, .createVolume, .removeVolume: nil
    }
  }

  /// The name of what it is about: the container's instance, or the name on the machine.
  public var subject: String {
    switch self {
    case .createNetwork(_, let definition): definition.name
    case .createVolume(_, let definition): definition.name
    case .removeNetwork(let name), .removeVolume(let name): name
    case .create, .start, .stop, .remove, .update: instance?.description ?? ""
    }
  }

  public var description: String {
    switch self {
    case .create(_, _, let image): "create \(subject) from sha256:\(image.short)"
    default: "\(verb) \(subject)"
    }
  }
}
