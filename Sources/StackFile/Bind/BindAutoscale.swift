internal import Stacks

extension Binder {
  /// `x-autoscale` of a service; nil where it is not given, or is wrong.
  mutating func autoscale(_ service: Node) -> Autoscale? {
    guard let pair = service.pair("x-autoscale") else { return nil }
    let node = pair.value
    guard case .map(let pairs) = node.content else {
      findings.error(
        node.at, "'x-autoscale' must be a map, not \(node.kind)",
        fix: "write such as {min: 1, max: 5, cpu: 50}")
      return nil
    }
    let errors = findings.errorCount
    let known = ["min", "max", "cpu", "memory", "command", "target", "interval", "up_after", "down_after"]
    for entry in pairs where !known.contains(entry.key) {
      if entry.key == "http" {
        findings.error(
          entry.keyAt, "'http' is not supported yet in 'x-autoscale'",
          fix: "use 'command' with a program that asks and prints the number")
        continue
      }
      let near = nearest(to: entry.key, among: known).map { "did you mean '\($0)'?" }
      findings.error(
        entry.keyAt, "unknown key \(quoted(entry.key)) of 'x-autoscale'",
        fix: near ?? "it may have \(alternatives(known))")
    }
    let minimum = count(node["min"]) ?? 1
    guard let written = node["max"] else {
      findings.error(node.at, "'x-autoscale' lacks 'max'", fix: "add 'max: NUMBER'")
      return nil
    }
    let maximum = count(written) ?? minimum
    if maximum < minimum {
      findings.error(written.at, "'max' is less than 'min'", fix: "write \(minimum) or more")
    }
    if let name = service["container_name"], maximum > 1 {
      findings.error(
        name.at, "\(maximum) replicas cannot all have the name \(quoted(name.string ?? ""))",
        fix: "remove 'container_name', or 'x-autoscale'")
    }
    var policy = Autoscale(minimum: minimum, maximum: maximum, targets: targets(node))
    if policy.targets.isEmpty, findings.errorCount == errors {
      findings.error(
        node.at, "'x-autoscale' says by nothing what the replicas follow",
        fix: "add 'cpu: PERCENT', 'memory: SIZE', or 'command' with 'target'")
    }
    policy.interval = length(node["interval"], atLeast: .seconds(1)) ?? policy.interval
    policy.upAfter = length(node["up_after"]) ?? policy.upAfter
    policy.downAfter = length(node["down_after"]) ?? policy.downAfter
    return findings.errorCount == errors ? policy : nil
  }

  private mutating func targets(_ node: Node) -> [Autoscale.Target] {
    var targets: [Autoscale.Target] = []
    if let cpu = node["cpu"] {
      let text = cpu.string.map { $0.hasSuffix("%") ? String($0.dropLast()) : $0 }
      let percent = cpu.number ?? text.flatMap { Double($0) }
      if let percent, percent > 0, percent.isFinite {
        targets.append(.cpu(percent: percent))
      } else {
        findings.error(
          cpu.at, "'cpu' is the share of a CPU that a replica uses", fix: "write a number above 0, such as 50"
        )
      }
    }
    if let memory = node["memory"] {
      let bytes = memory.int.flatMap { UInt64(exactly: $0) } ?? memory.string.flatMap(ByteSize.parse)
      if let bytes, bytes > 0 {
        targets.append(.memory(bytes))
      } else {
        findings.error(memory.at, "'memory' is what a replica uses", fix: "write a size such as 200m")
      }
    }
    if let command = node["command"] {
      let words = command.string.map { ["/bin/sh", "-c", $0] } ?? command.items.compactMap(\.string)
      let share = node["target"]?.number ?? node["target"]?.string.flatMap { Double($0) }
      if words.isEmpty || words.contains("") {
        findings.error(command.at, "'command' must be a text or a list of texts")
      } else if let share, share > 0, share.isFinite {
        targets.append(.command(words, share: share))
      } else {
        findings.error(
          node["target"]?.at ?? command.at, "'command' needs a 'target': the share of one replica",
          fix: "add such as 'target: 10'")
      }
    } else if let target = node.pair("target") {
      findings.error(target.keyAt, "'target' is for 'command', which is not given", fix: "remove it")
    }
    return targets
  }

  private mutating func count(_ node: Node?) -> Int? {
    guard let node else { return nil }
    let number = node.int ?? node.string.flatMap { Int64($0) }
    if let number, (1...1000).contains(number) { return Int(number) }
    findings.error(node.at, "a number of replicas is needed, not \(node.kind)", fix: "write 1 to 1000")
    return nil
  }

  private mutating func length(_ node: Node?, atLeast least: Span = .zero) -> Span? {
    guard let node else { return nil }
    if let span = span(node), span >= least { return span }
    findings.error(
      node.at, "a length of time is needed" + (least > .zero ? ", at least \(least)" : ""),
      fix: "write such as 30s")
    return nil
  }
}
