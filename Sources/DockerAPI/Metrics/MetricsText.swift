import EngineInterface
import Stacks

/// Numbers in Prometheus's text format, version 0.0.4: each name with a line of help and its type before
/// its samples, samples sorted by labels.
struct MetricsText {
  enum Kind: String { case gauge, counter }
  private(set) var text = ""

  /// Adds a metric; none of it is written where it has no sample.
  mutating func add(
    _ name: String, _ kind: Kind, _ help: String, _ samples: [(labels: [(String, String)], value: String)]
  ) {
    if samples.isEmpty { return }
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    for sample in samples {
      let labels = sample.labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
      text += labels.isEmpty ? "\(name) \(sample.value)\n" : "\(name){\(labels)} \(sample.value)\n"
    }
  }

  /// A label's value with `\`, `"` and line feeds escaped.
  static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  /// Nanoseconds as seconds.
  static func seconds(_ nanoseconds: UInt64) -> String {
    let rest = String(nanoseconds % 1_000_000_000 + 1_000_000_000).dropFirst()
    return "\(nanoseconds / 1_000_000_000).\(rest)"
  }

  /// Seconds since the epoch.
  static func seconds(_ moment: Moment) -> String { seconds(UInt64(clamping: moment.nanoseconds)) }

  /// Everything that the engine counts.
  static func of(_ engine: any EngineService) async throws(EngineError) -> String {
    var metrics = MetricsText()
    metrics.add(try await engine.ownUsage(), engine.information)
    let listings = try await engine.listings()
    metrics.add(listings.mapValues(\.services))
    metrics.add(listings.mapValues(\.jobs))
    metrics.add(try await engine.containers(stack: nil), try await engine.usage(stack: nil))
    return metrics.text
  }

  mutating func add(_ usage: EngineUsage, _ information: EngineInformation) {
    add(
      "cairn_engine_info", .gauge, "The engine; always 1.",
      [
        (
          [
            ("version", information.version), ("kernel", information.kernelVersion),
            ("cgroups", information.cgroups),
          ], "1"
        )
      ])
    add("cairn_engine_memory_bytes", .gauge, "Resident memory of the engine.", [([], "\(usage.memory)")])
    add(
      "cairn_engine_cpu_seconds_total", .counter, "CPU time of the engine.",
      [([], Self.seconds(UInt64(clamping: usage.cpuTime.nanoseconds)))])
    add(
      "cairn_engine_open_descriptors", .gauge, "Open descriptors of the engine.",
      [([], "\(usage.openDescriptors)")])
    add(
      "cairn_events_total", .counter, "What has happened since the engine was started.",
      usage.eventCounts.map {
        (
          [("stack", $0.stack)] + ($0.service.map { [("service", $0)] } ?? [])
            + [("action", $0.action.rawValue)], "\($0.count)"
        )
      })
  }

  mutating func add(_ stacks: [String: [ServiceSummary]]) {
    func add(_ name: String, _ help: String, _ value: (ServiceSummary) -> Int) {
      self.add(name, help, of: stacks, "service", \.service) { "\(value($0))" }
    }
    add("replicas_desired", "Replicas that should run.", \.desired)
    add("replicas_running", "Replicas that run.", \.running)
    add("replicas_healthy", "Running replicas whose health check passes.", \.healthy)
    add("replicas_drifted", "Replicas that are not as they are wanted and are only reported.", \.drift)
    add("replicas_unhealthy", "Running replicas whose health check fails.", \.unhealthy)
  }

  mutating func add(_ stacks: [String: [JobSummary]]) {
    func add(_ name: String, _ help: String, _ value: (JobSummary) -> String?) {
      self.add(name, help, of: stacks, "job", \.job, value)
    }
    add("running", "Runs of the job that run.") { "\($0.running)" }
    add("last_exit_code", "How the last run ended.") { $0.last.map { "\($0.code)" } }
    add("last_end_timestamp_seconds", "When the last run ended.") {
      $0.last.map { Self.seconds($0.finishedAt) }
    }
    add("last_duration_seconds", "How long the last run took.") {
      $0.last.map { Self.seconds(UInt64(clamping: ($0.finishedAt - $0.startedAt).nanoseconds)) }
    }
    add("next_run_timestamp_seconds", "When the job is run next.") { $0.nextRun.map(Self.seconds) }
  }

  /// Adds a gauge of what each stack has of a kind; what has no value is left out.
  private mutating func add<Row>(
    _ gauge: String, _ help: String, of stacks: [String: [Row]], _ kind: String, _ name: (Row) -> String,
    _ value: (Row) -> String?
  ) {
    add(
      "cairn_\(kind)_\(gauge)", .gauge, help,
      stacks.sorted { $0.key < $1.key }.flatMap { stack, rows in
        rows.compactMap { row in value(row).map { ([("stack", stack), (kind, name(row))], $0) } }
      })
  }

  mutating func add(_ containers: [ContainerSummary], _ samples: [UsageSample]) {
    let services = Dictionary(
      containers.map { ($0.container.id, $0.container.spec.serviceName) },
      uniquingKeysWith: { first, _ in first })
    func labels(_ instance: Instance, _ service: String?, _ name: String) -> [(String, String)] {
      [("stack", instance.slot.stack), ("service", service ?? instance.slot.service), ("container", name)]
    }
    let sorted = containers.sorted { ($0.container.instance, $0.name) < ($1.container.instance, $1.name) }
    self.add(
      "cairn_container_running", .gauge, "Whether the container runs.",
      sorted.map { container in
        let isRunning = container.container.isRunning ? 1 : 0
        return (
          labels(container.container.instance, container.container.spec.serviceName, container.name),
          "\(isRunning)"
        )
      })
    self.add(
      "cairn_container_recent_starts", .gauge,
      "Starts since the container last stayed up for long; more than 1: it was restarted.",
      sorted.map {
        (
          labels($0.container.instance, $0.container.spec.serviceName, $0.name),
          "\($0.container.recentStarts)"
        )
      })
    func add(_ name: String, _ kind: Kind, _ help: String, _ value: (ContainerUsage) -> String?) {
      self.add(
        "cairn_container_" + name, kind, help,
        samples.compactMap { sample in
          value(sample.usage).map { (labels(sample.instance, services[sample.id], sample.name), $0) }
        })
    }
    add("cpu_seconds_total", .counter, "CPU time of the container.") { $0.cpuTime.map(Self.seconds) }
    add("cpu_throttled_seconds_total", .counter, "Time for which the CPU limit held the container back.") {
      $0.throttledTime.map(Self.seconds)
    }
    add("memory_bytes", .gauge, "Memory in use, without page cache that could be given back.") {
      $0.workingMemory.map(String.init)
    }
    add("memory_limit_bytes", .gauge, "The memory limit, where there is one.") {
      $0.memoryLimit.map(String.init)
    }
    add("processes", .gauge, "Processes and threads.") { $0.processes.map(String.init) }
    add("block_read_bytes_total", .counter, "Bytes read from block devices.") {
      $0.bytesRead.map(String.init)
    }
    add("block_written_bytes_total", .counter, "Bytes written to block devices.") {
      $0.bytesWritten.map(String.init)
    }
    add("network_received_bytes_total", .counter, "Bytes received on all networks.") {
      "\($0.interfaces.values.reduce(0) { $0 &+ $1.bytesReceived })"
    }
    add("network_sent_bytes_total", .counter, "Bytes sent on all networks.") {
      "\($0.interfaces.values.reduce(0) { $0 &+ $1.bytesSent })"
    }
  }
}
