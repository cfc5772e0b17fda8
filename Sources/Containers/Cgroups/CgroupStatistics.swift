/// What a container uses. nil: the kernel does not count it here (no such controller, or too old).
public struct CgroupStatistics: Hashable, Sendable {
  /// Bytes, page cache included.
  public var memoryUsage: UInt64?
  /// The most that it ever was.
  public var memoryPeak: UInt64?
  /// Bytes of page cache that could be given back at once; `docker stats` subtracts them.
  public var memoryInactiveFile: UInt64?
  /// The limit in bytes; nil: none, or not counted.
  public var memoryLimit: UInt64?
  /// CPU time in nanoseconds, of all CPUs together.
  public var cpuTime: UInt64?
  /// The part of it in user mode.
  public var cpuUserTime: UInt64?
  /// The part of it in the kernel.
  public var cpuSystemTime: UInt64?
  /// In how many periods the CPU limit held the container back.
  public var throttledPeriods: UInt64?
  /// For how long it was held back, in nanoseconds.
  public var throttledTime: UInt64?
  /// Processes and threads that there are now.
  public var processes: UInt64?
  /// The limit; nil: none, or not counted.
  public var processLimit: UInt64?
  /// Bytes read from block devices.
  public var bytesRead: UInt64?
  /// Bytes written to block devices.
  public var bytesWritten: UInt64?

  public init() {}

  /// Version 2. `read` gives a file of the group; nil where there is none.
  init(version2 read: (String) -> String?) {
    memoryUsage = read("memory.current").flatMap(singleNumber)
    memoryPeak = read("memory.peak").flatMap(singleNumber)
    memoryInactiveFile = read("memory.stat").flatMap { keyedNumbers($0)["inactive_file"] }
    memoryLimit = read("memory.max").flatMap(singleNumber)
    if let text = read("cpu.stat") {
      let numbers = keyedNumbers(text)
      cpuTime = numbers["usage_usec"].map { $0 * 1000 }
      cpuUserTime = numbers["user_usec"].map { $0 * 1000 }
      cpuSystemTime = numbers["system_usec"].map { $0 * 1000 }
      throttledPeriods = numbers["nr_throttled"]
      throttledTime = numbers["throttled_usec"].map { $0 * 1000 }
    }
    processes = read("pids.current").flatMap(singleNumber)
    processLimit = read("pids.max").flatMap(singleNumber)
    if let text = read("io.stat") { (bytesRead, bytesWritten) = IOController.version2(text) }
  }

  /// Version 1. `read` gives a file of the group in the controller's hierarchy.
  init(version1 read: (CgroupHierarchy.Controller, String) -> String?) {
    memoryUsage = read(.memory, "memory.usage_in_bytes").flatMap(singleNumber)
    memoryPeak = read(.memory, "memory.max_usage_in_bytes").flatMap(singleNumber)
    memoryInactiveFile = read(.memory, "memory.stat").flatMap { keyedNumbers($0)["total_inactive_file"] }
    // "No limit" is the greatest multiple of the page size.
    memoryLimit = read(.memory, "memory.limit_in_bytes").flatMap(singleNumber).flatMap {
      $0 >= 1 << 62 ? nil : $0
    }
    cpuTime = read(.cpuacct, "cpuacct.usage").flatMap(singleNumber)
    cpuUserTime = read(.cpuacct, "cpuacct.usage_user").flatMap(singleNumber)
    cpuSystemTime = read(.cpuacct, "cpuacct.usage_sys").flatMap(singleNumber)
    if let text = read(.cpu, "cpu.stat") {
      let numbers = keyedNumbers(text)
      throttledPeriods = numbers["nr_throttled"]
      throttledTime = numbers["throttled_time"]
    }
    processes = read(.pids, "pids.current").flatMap(singleNumber)
    processLimit = read(.pids, "pids.max").flatMap(singleNumber)
    if let text = read(.io, "blkio.throttle.io_service_bytes") {
      (bytesRead, bytesWritten) = IOController.version1(text)
    }
  }
}
