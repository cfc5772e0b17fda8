import EngineInterface
import Stacks
import Wire

/// What containers use and what happens to them, as Docker shows it.
extension UsageSample {
  /// In Docker's shape; `before` is the sample before, from which clients work out the share of the CPUs.
  func docker(after before: ContainerUsage?) -> DockerStats {
    func cpu(_ usage: ContainerUsage?) -> DockerStats.CPU {
      .init(
        cpuUsage: .init(
          totalUsage: usage?.cpuTime ?? 0, usageInUsermode: usage?.cpuUserTime ?? 0,
          usageInKernelmode: usage?.cpuSystemTime ?? 0),
        systemCpuUsage: usage?.hostCPUTime ?? 0, onlineCpus: usage?.hostCPUs ?? 0,
        throttlingData: .init(
          periods: 0, throttledPeriods: usage?.throttledPeriods ?? 0,
          throttledTime: usage?.throttledTime ?? 0))
    }
    let blocks = [("read", usage.bytesRead), ("write", usage.bytesWritten)].compactMap { operation, bytes in
      bytes.map { DockerStats.BlockIO.Entry(major: 0, minor: 0, op: operation, value: $0) }
    }
    return DockerStats(
      id: id.description, name: "/" + name, read: usage.takenAt.rfc3339,
      preread: before?.takenAt.rfc3339 ?? "0001-01-01T00:00:00Z",
      pidsStats: .init(current: usage.processes ?? 0, limit: usage.processLimit), cpuStats: cpu(usage),
      precpuStats: cpu(before),
      memoryStats: .init(
        usage: usage.memory ?? 0, limit: usage.memoryLimit ?? usage.hostMemory,
        stats: ["inactive_file": usage.reclaimableMemory ?? 0]),
      blkioStats: .init(ioServiceBytesRecursive: blocks),
      networks: usage.interfaces.mapValues {
        .init(
          rxBytes: $0.bytesReceived, rxPackets: $0.packetsReceived, rxErrors: 0, rxDropped: 0,
          txBytes: $0.bytesSent, txPackets: $0.packetsSent, txErrors: 0, txDropped: 0)
      }, numProcs: 0)
  }
}

extension ContainerProcess {
  static let titles = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]

  /// A line as `ps -ef` gives it.
  func row(now: Moment) -> [String] {
    let age = max(1, (now - startedAt).nanoseconds / 1_000_000_000)
    let seconds = cpuTime.nanoseconds / 1_000_000_000
    let started = startedAt.rfc3339
    let isToday = (now - startedAt).nanoseconds < 86_400 * 1_000_000_000
    return [
      user, "\(pid)", "\(parent)", "\(min(99, seconds * 100 / age))",
      String(isToday ? started.dropFirst(11).prefix(5) : started.prefix(10)), hasTerminal ? "pts/0" : "?",
      [seconds / 3600, seconds / 60 % 60, seconds % 60].map { String("\(100 + $0)".dropFirst()) }
        .joined(separator: ":"), command,
    ]
  }
}

extension EngineEvent {
  var docker: DockerEvent {
    var attributes = ["name": name]
    if let container {
      attributes = container.labels.merging([
        "name": name, "image": container.image.description, "com.docker.compose.project": stack,
        "com.docker.compose.service": container.service,
        "com.docker.compose.container-number": "\(container.instance.slot.number)",
      ]) { $1 }
      if let code = container.exitCode { attributes["exitCode"] = "\(code)" }
      if let signal = container.signal { attributes["signal"] = "\(signal)" }
    } else {
      attributes["com.docker.compose.project"] = stack
      attributes["com.docker.compose.service"] = service
      attributes["reason"] = reason
    }
    return DockerEvent(
      status: container == nil ? nil : action.rawValue, id: container == nil ? nil : id,
      from: container?.image.description, type: kind.rawValue, action: action.rawValue,
      actor: .init(id: id, attributes: attributes), scope: "local",
      time: time.nanoseconds / 1_000_000_000, timeNano: time.nanoseconds)
  }
}
