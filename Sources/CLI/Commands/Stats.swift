import ArgumentParser
import EngineInterface
import Kernel
import Stacks

struct Stats: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", _superCommandName: "cairn", abstract: "Show what containers use, again and again.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Flag(name: .shortAndLong, help: "Show containers that do not run too.")
  var all = false
  @Flag(help: "Show it once, measured over one second.")
  var noStream = false
  @Flag(help: "Do not shorten IDs.")
  var noTrunc = false
  @Option(help: "table or json, one document a line.")
  var format = ListFormat.table
  @Argument(help: "Only these services.")
  var service: [String] = []

  func execute(_ session: Session) throws(CLIError) {
    let client = try session.engine()
    let name = try session.stackName()
    _ = try session.containers(service)
    let signals = try Waiting.signals([2, 15])
    var before = try samples(client, name)
    while true {
      if try Waiting.readable([signals.number], milliseconds: 1000).contains(signals.number) { return }
      let now = try samples(client, name)
      let listed = try session.containers(service, all: all)
      let rows = listed.map { Row($0, now[$0.id], after: before[$0.id], shortens: !noTrunc) }
      if format == .json {
        for row in rows { session.console.write(try JSONText.line(row)) }
      } else {
        // Back to the top left corner and away with the rest: the next table takes the place of this one.
        let clear = session.console.hasOutputColors && !noStream ? "\u{1B}[H\u{1B}[J" : ""
        session.console.write(clear + Self.table(rows))
      }
      if noStream { return }
      before = now
    }
  }

  private func samples(_ client: EngineClient, _ stack: String) throws(CLIError) -> [String: ContainerUsage] {
    Dictionary(try client.usage(of: stack).map { ($0.id.description, $0.usage) }) { $1 }
  }

  static func table(_ rows: [Row]) -> String {
    var table = Table(
      "CONTAINER ID", "NAME", "CPU %", "MEM USAGE / LIMIT", "MEM %", "NET I/O", "BLOCK I/O", "PIDS")
    for row in rows {
      table.add(
        row.id, row.name, row.cpu, row.memoryUsage, row.memory, row.network, row.block, row.processes)
    }
    return table.text
  }

  /// One container as `docker compose stats --format json` gives it.
  struct Row: Encodable {
    var block: String
    var cpu: String
    var container: String
    var id: String
    var memory: String
    var memoryUsage: String
    var name: String
    var network: String
    var processes: String

    enum CodingKeys: String, CodingKey {
      case block = "BlockIO"
      case cpu = "CPUPerc"
      case container = "Container"
      case id = "ID"
      case memory = "MemPerc"
      case memoryUsage = "MemUsage"
      case name = "Name"
      case network = "NetIO"
      case processes = "PIDs"
    }

    /// `usage` nil: it does not run. What the kernel does not count is shown as `--`.
    init(_ listed: ListedContainer, _ usage: ContainerUsage?, after before: ContainerUsage?, shortens: Bool) {
      id = shortens ? String(listed.id.prefix(12)) : listed.id
      container = id
      name = listed.name
      let unknown = "--"
      let limit = usage.map { $0.memoryLimit ?? $0.hostMemory }
      memoryUsage =
        "\(usage?.workingMemory.map(ByteText.binary) ?? unknown) / \(limit.map(ByteText.binary) ?? unknown)"
      memory = unknown
      if let used = usage?.workingMemory, let limit, limit > 0 {
        memory = ByteText.percent(Double(used) / Double(limit))
      }
      cpu = unknown
      if let usage, let now = usage.cpuTime, let earlier = before?.cpuTime, let before,
        usage.hostCPUTime > before.hostCPUTime
      {
        let share = Double(now - min(now, earlier)) / Double(usage.hostCPUTime - before.hostCPUTime)
        cpu = ByteText.percent(share * Double(usage.hostCPUs))
      }
      let received = usage?.interfaces.values.reduce(0) { $0 + $1.bytesReceived }
      let sent = usage?.interfaces.values.reduce(0) { $0 + $1.bytesSent }
      network = "\(received.map(ByteText.decimal) ?? unknown) / \(sent.map(ByteText.decimal) ?? unknown)"
      block =
        "\(usage?.bytesRead.map(ByteText.decimal) ?? unknown) / \(usage?.bytesWritten.map(ByteText.decimal) ?? unknown)"
      processes = usage?.processes.map(String.init) ?? unknown
    }
  }
}
