public import Stacks

/// What a running container uses. nil: the kernel does not count it here.
public struct ContainerUsage: Codable, Hashable, Sendable {
  public var takenAt: Moment
  /// CPU time since it was started, in nanoseconds, of all CPUs together.
  public var cpuTime: UInt64?
  public var cpuUserTime: UInt64?
  public var cpuSystemTime: UInt64?
  public var throttledPeriods: UInt64?
  /// How long its CPU limit held it back, in nanoseconds.
  public var throttledTime: UInt64?
  /// Bytes of memory, page cache included.
  public var memory: UInt64?
  /// The part of it that is page cache and could be given back at once.
  public var reclaimableMemory: UInt64?
  /// The limit in bytes; nil: none.
  public var memoryLimit: UInt64?
  /// Processes and threads.
  public var processes: UInt64?
  public var processLimit: UInt64?
  /// Bytes read from and written to block devices.
  public var bytesRead: UInt64?
  public var bytesWritten: UInt64?
  /// By the interface's name in the container; without the loopback.
  public var interfaces: [String: Interface]
  /// Nanoseconds that the machine's CPUs together have been there, idle ones included: two samples of
  /// this and of `cpuTime` give the share of the CPUs.
  public var hostCPUTime: UInt64
  public var hostCPUs: Int
  /// Bytes of memory that the machine has.
  public var hostMemory: UInt64

  public struct Interface: Codable, Hashable, Sendable {
    public var bytesReceived: UInt64
    public var packetsReceived: UInt64
    public var bytesSent: UInt64
    public var packetsSent: UInt64

    public init(bytesReceived: UInt64, packetsReceived: UInt64, bytesSent: UInt64, packetsSent: UInt64) {
      self.bytesReceived = bytesReceived
      self.packetsReceived = packetsReceived
      self.bytesSent = bytesSent
      self.packetsSent = packetsSent
    }
  }

  public init(
    takenAt: Moment, interfaces: [String: Interface] = [:], hostCPUTime: UInt64 = 0, hostCPUs: Int = 1,
    hostMemory: UInt64 = 0
  ) {
    self.takenAt = takenAt
    self.interfaces = interfaces
    self.hostCPUTime = hostCPUTime
    self.hostCPUs = hostCPUs
    self.hostMemory = hostMemory
  }

  /// Bytes that are in use and could not be given back at once, which is what `docker stats` shows.
  public var workingMemory: UInt64? {
    memory.map { $0 - min($0, reclaimableMemory ?? 0) }
  }
}

/// A running container and what it uses.
public struct UsageSample: Codable, Hashable, Sendable {
  public var id: ContainerID
  public var name: String
  public var instance: Instance
  public var usage: ContainerUsage

  public init(id: ContainerID, name: String, instance: Instance, usage: ContainerUsage) {
    self.id = id
    self.name = name
    self.instance = instance
    self.usage = usage
  }
}

/// One process in a container, with the host's numbers.
public struct ContainerProcess: Codable, Hashable, Sendable {
  /// The name that the host has for the user, or its number where it has none.
  public var user: String
  public var pid: Int32
  public var parent: Int32
  public var startedAt: Moment
  public var cpuTime: Span
  public var hasTerminal: Bool
  public var command: String

  public init(
    user: String, pid: Int32, parent: Int32, startedAt: Moment, cpuTime: Span, hasTerminal: Bool,
    command: String
  ) {
    self.user = user
    self.pid = pid
    self.parent = parent
    self.startedAt = startedAt
    self.cpuTime = cpuTime
    self.hasTerminal = hasTerminal
    self.command = command
  }
}

/// What the engine itself uses, and what it has done since it was started.
public struct EngineUsage: Codable, Hashable, Sendable {
  /// Bytes of memory that are resident.
  public var memory: UInt64
  public var cpuTime: Span
  public var openDescriptors: Int
  /// How often each kind of thing has happened, by stack, service and action.
  public var eventCounts: [EventCount]

  public struct EventCount: Codable, Hashable, Sendable {
    public var stack: String
    /// nil: it did not happen to a container.
    public var service: String?
    public var action: EngineEvent.Action
    public var count: Int

    public init(stack: String, service: String?, action: EngineEvent.Action, count: Int) {
      self.stack = stack
      self.service = service
      self.action = action
      self.count = count
    }
  }

  public init(memory: UInt64, cpuTime: Span, openDescriptors: Int, eventCounts: [EventCount] = []) {
    self.memory = memory
    self.cpuTime = cpuTime
    self.openDescriptors = openDescriptors
    self.eventCounts = eventCounts
  }
}
