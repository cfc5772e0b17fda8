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
    refuse(
      pairs, of: "x-autoscale",
      but: ["min", "max", "cpu", "memory", "command", "target", "http", "interval", "up_after", "down_after"])
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
        fix:
          "add 'cpu: PERCENT', 'memory: SIZE', 'http: {port: PORT, target: NUMBER}', or 'command' with 'target'"
      )
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
    if let http = node["http"], let target = target(http) { targets.append(target) }
    if let command = node["command"] {
      let words = command.string.map { ["/bin/sh", "-c", $0] } ?? command.items.compactMap(\.string)
      let share = share(node["target"])
      if words.isEmpty || words.contains("") {
        findings.error(command.at, "'command' must be a text or a list of texts")
      } else if let share {
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

  /// `http: {port: 9100, path: /metrics, metric: NAME, target: 10}`
  private mutating func target(_ node: Node) -> Autoscale.Target? {
    guard case .map(let pairs) = node.content else {
      findings.error(
        node.at, "'http' must be a map, not \(node.kind)", fix: "write such as {port: 9100, target: 10}")
      return nil
    }
    refuse(pairs, of: "http", but: ["port", "path", "metric", "target"])
    let port = whole(node["port"]).flatMap { UInt16(exactly: $0) }
    guard let port, port > 0 else {
      findings.error(
        node["port"]?.at ?? node.at, "'http' needs the 'port' that a replica answers at",
        fix: "write 1 to 65535")
      return nil
    }
    guard let share = share(node["target"]) else {
      findings.error(
        node["target"]?.at ?? node.at, "'http' needs a 'target': what a replica should tell",
        fix: "add such as 'target: 10'")
      return nil
    }
    var metric = HTTPMetric(port: port)
    if let path = node["path"] {
      let text = path.string ?? ""
      guard text.hasPrefix("/"), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
        findings.error(
          path.at, "'path' is what is asked for, without spaces", fix: "begin it with '/', as in '/metrics'")
        return nil
      }
      metric.path = text
    }
    if let name = node["metric"] {
      let text = name.string ?? ""
      let isName = text.utf8.allSatisfy { byte in
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
          || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":")
      }
      guard isName, !text.isEmpty else {
        findings.error(
          name.at, "'metric' is the name of a Prometheus metric", fix: "write such as queue_length")
        return nil
      }
      metric.name = text
    }
    return .http(metric, share: share)
  }

  private func whole(_ node: Node?) -> Int64? { node?.int ?? node?.string.flatMap { Int64($0) } }

  /// A number above 0; nil: it is none.
  private func share(_ node: Node?) -> Double? {
    let number = node?.number ?? node?.string.flatMap { Double($0) }
    return number.flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
  }

  private mutating func refuse(_ pairs: [Node.Pair], of name: String, but known: [String]) {
    for entry in pairs where !known.contains(entry.key) {
      let near = nearest(to: entry.key, among: known).map { "did you mean '\($0)'?" }
      findings.error(
        entry.keyAt, "unknown key \(quoted(entry.key)) of '\(name)'",
        fix: near ?? "it may have \(alternatives(known))")
    }
  }

  private mutating func count(_ node: Node?) -> Int? {
    guard let node else { return nil }
    if let number = whole(node), (1...1000).contains(number) { return Int(number) }
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
