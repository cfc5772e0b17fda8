internal import Containers
internal import EngineInterface
internal import Kernel
internal import Stacks

extension LocalMachine {
  /// What each running container of a stack, or of all, uses; sorted by instance.
  func usage(stack: String?) throws(EngineError) -> [UsageSample] {
    let host: HostCounters
    do throws(SystemError) { host = try HostCounters.read() } catch {
      throw EngineError(.failed, "look at the machine's counters: \(error)")
    }
    let chosen = if let stack { records.of(stack: stack) } else { records.all() }
    return chosen.sorted { ($0.instance, $0.id) < ($1.instance, $1.id) }.compactMap { record in
      guard case .running(let process, _) = status(of: record.id),
        let counted = try? cgroups(of: record.id).statistics(of: record.id)
      else { return nil }
      var usage = ContainerUsage(
        takenAt: now,
        interfaces: InterfaceCounters.ofProcess(process).mapValues {
          .init(
            bytesReceived: $0.bytesReceived, packetsReceived: $0.packetsReceived, bytesSent: $0.bytesSent,
            packetsSent: $0.packetsSent)
        }, hostCPUTime: host.cpuTime, hostCPUs: host.cpus, hostMemory: host.memory)
      (usage.cpuTime, usage.cpuUserTime) = (counted.cpuTime, counted.cpuUserTime)
      (usage.cpuSystemTime, usage.throttledTime) = (counted.cpuSystemTime, counted.throttledTime)
      usage.throttledPeriods = counted.throttledPeriods
      (usage.memory, usage.reclaimableMemory) = (counted.memoryUsage, counted.memoryInactiveFile)
      usage.memoryLimit = counted.memoryLimit
      (usage.processes, usage.processLimit) = (counted.processes, counted.processLimit)
      (usage.bytesRead, usage.bytesWritten) = (counted.bytesRead, counted.bytesWritten)
      return UsageSample(id: record.id, name: record.spec.name, instance: record.instance, usage: usage)
    }
  }

  /// The processes of a running container, by number.
  func processes(of id: ContainerID) throws(EngineError) -> [ContainerProcess] {
    guard let record = records.record(id) else {
      throw EngineError(.notFound, "No such container: \(id.short)")
    }
    guard case .running = status(of: id) else {
      throw EngineError(.conflict, "Container \(record.spec.name) is not running")
    }
    do {
      let boot = Moment(seconds: try HostCounters.read().bootTime)
      let names = userNames()
      return try cgroups(of: id).processes(of: id).compactMap { ProcessStatus(of: $0) }.map { process in
        ContainerProcess(
          user: names[process.user] ?? "\(process.user)", pid: process.process, parent: process.parent,
          startedAt: boot + Span(nanoseconds: Int64(clamping: process.startedAfterBoot)),
          cpuTime: Span(nanoseconds: Int64(clamping: process.cpuTime)), hasTerminal: process.terminal != 0,
          command: process.command)
      }
    } catch {
      throw EngineError(.failed, "list the processes of \(record.spec.name): \(error)")
    }
  }

  /// What this process uses.
  func ownUsage() throws(EngineError) -> EngineUsage {
    do throws(SystemError) {
      let fields = try Files.readText("/proc/self/status").split(separator: "\n")
        .first { $0.hasPrefix("VmRSS:") }?.split(separator: " ")
      let kilobytes = fields?.compactMap { UInt64($0) }.first ?? 0
      return EngineUsage(
        memory: kilobytes * 1024,
        cpuTime: Span(nanoseconds: Int64(clamping: ProcessStatus(of: processID)?.cpuTime ?? 0)),
        openDescriptors: try Files.list("/proc/self/fd").count, eventCounts: events.counts)
    } catch {
      throw EngineError(.failed, "look at the engine's own counters: \(error)")
    }
  }

  /// The host's names of users by number; the first of several counts (passwd(5)).
  private func userNames() -> [UInt32: String] {
    var names: [UInt32: String] = [:]
    for line in ((try? HostFile.read("/etc/passwd")) ?? "").split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count > 2, let number = UInt32(fields[2]), names[number] == nil else { continue }
      names[number] = String(fields[0])
    }
    return names
  }
}
