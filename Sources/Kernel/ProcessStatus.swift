internal import Glibc

/// One process as /proc shows it (proc(5)).
public struct ProcessStatus: Hashable, Sendable {
  public var process: Int32
  public var parent: Int32
  /// The effective user ID in the namespace of the reader.
  public var user: UInt32
  /// CPU time so far, in nanoseconds.
  public var cpuTime: UInt64
  /// When it was started, in nanoseconds since the machine was.
  public var startedAfterBoot: UInt64
  /// The terminal's device number; 0: it has none.
  public var terminal: UInt32
  /// Its arguments with spaces between them; where it has none, its name in brackets.
  public var command: String

  /// Looks at a process; nil: there is none with this number, or it has ended and waits to be reaped.
  public init?(of process: Int32) {
    guard let stat = try? Files.readText("/proc/\(process)/stat"),
      let status = try? Files.readText("/proc/\(process)/status")
    else { return nil }
    self.init(
      stat: stat, status: status, commandLine: (try? Files.read("/proc/\(process)/cmdline")) ?? [],
      ticksPerSecond: UInt64(max(1, sysconf(Int32(_SC_CLK_TCK)))))
  }

  /// From the texts of `/proc/PID/stat`, `status` and `cmdline`; nil where the first is not one, or
  /// tells of a process that has ended.
  public init?(stat: String, status: String, commandLine: [UInt8], ticksPerSecond: UInt64) {
    // The name is in brackets and may hold brackets and spaces itself.
    guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")"), open < close,
      let process = Int32(stat[..<open].split(separator: " ").first ?? "")
    else { return nil }
    let fields = stat[stat.index(after: close)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z", fields[0] != "X", let parent = Int32(fields[1]),
      let terminal = Int64(fields[4]), let user = UInt64(fields[11]), let system = UInt64(fields[12]),
      let start = UInt64(fields[19])
    else { return nil }
    self.process = process
    self.parent = parent
    self.terminal = UInt32(truncatingIfNeeded: terminal)
    cpuTime = (user + system) * (1_000_000_000 / ticksPerSecond)
    startedAfterBoot = start * (1_000_000_000 / ticksPerSecond)
    let line = status.split(separator: "\n").first { $0.hasPrefix("Uid:") }
    let numbers = (line ?? "").split(whereSeparator: { $0 == "\t" || $0 == " " })
    self.user = numbers.count > 2 ? UInt32(numbers[2]) ?? 0 : 0
    let words = commandLine.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    let name = stat[stat.index(after: open)..<close]
    command = words.isEmpty ? "[\(name)]" : words.joined(separator: " ")
  }
}

/// What has gone through a network interface since it was made.
public struct InterfaceCounters: Hashable, Sendable {
  public var bytesReceived: UInt64
  public var packetsReceived: UInt64
  public var bytesSent: UInt64
  public var packetsSent: UInt64

  /// Every interface but the loopback in the network namespace of a process, by name; empty where
  /// the process is gone.
  public static func ofProcess(_ process: Int32) -> [String: InterfaceCounters] {
    (try? Files.readText("/proc/\(process)/net/dev")).map(parse) ?? [:]
  }

  /// From a text of the form of `/proc/net/dev`.
  static func parse(_ text: String) -> [String: InterfaceCounters] {
    var counters: [String: InterfaceCounters] = [:]
    for line in text.split(separator: "\n").dropFirst(2) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let name = line[..<colon].split(separator: " ").last ?? ""
      let numbers = line[line.index(after: colon)...].split(separator: " ").compactMap { UInt64($0) }
      guard numbers.count >= 10, name != "lo" else { continue }
      counters[String(name)] = InterfaceCounters(
        bytesReceived: numbers[0], packetsReceived: numbers[1], bytesSent: numbers[8],
        packetsSent: numbers[9])
    }
    return counters
  }
}

/// The whole machine as /proc shows it.
public struct HostCounters: Hashable, Sendable {
  /// Nanoseconds that all CPUs together have been there, idle ones included.
  public var cpuTime: UInt64
  public var cpus: Int
  /// Bytes of memory that there are.
  public var memory: UInt64
  /// Seconds since the epoch at which the machine was started.
  public var bootTime: Int64

  public static func read() throws(SystemError) -> HostCounters {
    HostCounters(
      stat: try Files.readText("/proc/stat"), memory: try Files.readText("/proc/meminfo"),
      ticksPerSecond: UInt64(max(1, sysconf(Int32(_SC_CLK_TCK)))))
  }

  /// From the texts of `/proc/stat` and `/proc/meminfo`; what is not in them is 0.
  init(stat: String, memory: String, ticksPerSecond: UInt64) {
    cpuTime = 0
    cpus = 0
    bootTime = 0
    self.memory = 0
    for line in stat.split(separator: "\n") {
      let fields = line.split(separator: " ")
      if fields[0] == "cpu" {
        // Guest time is counted as user time already, so the last two are left out (proc(5)).
        let ticks = fields.dropFirst().prefix(8).compactMap { UInt64($0) }.reduce(0, +)
        cpuTime = ticks * (1_000_000_000 / ticksPerSecond)
      } else if fields[0].hasPrefix("cpu") {
        cpus += 1
      } else if fields[0] == "btime", fields.count > 1 {
        bootTime = Int64(fields[1]) ?? 0
      }
    }
    if let line = memory.split(separator: "\n").first(where: { $0.hasPrefix("MemTotal:") }) {
      self.memory = (line.split(separator: " ").compactMap { UInt64($0) }.first ?? 0) * 1024
    }
  }
}
