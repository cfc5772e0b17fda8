/// `deploy.resources`, `cpus`, `mem_limit`, `pids_limit` and the like. nil is always "no limit" or "as
/// the kernel has it".
public struct Resources: Codable, Hashable, Sendable {
  /// Hard limit of memory in bytes.
  public var memoryLimit: UInt64?
  /// Memory in bytes that is kept from reclaim (cgroup v2 `memory.low`, v1 soft limit).
  public var memoryReservation: UInt64?
  /// `memswap_limit`: memory and swap together in bytes; `UInt64.max`: any amount of swap; nil: as much
  /// swap as memory where memory is limited.
  public var swapLimit: UInt64?
  /// `mem_swappiness`, 0 to 100; cgroup v1 only.
  public var swappiness: UInt64?
  /// `oom_kill_disable`; cgroup v1 only. nil and false are the same to the kernel.
  public var disablesOOMKill: Bool?
  /// `oom_score_adj`, -1000 to 1000; nil: as the engine has it.
  public var oomScoreAdjustment: Int?
  /// CPUs, in thousandths: 1500 is one and a half.
  public var cpuLimit: UInt64?
  /// CPUs reserved, in thousandths; a relative weight where CPUs are contended.
  public var cpuReservation: UInt64?
  /// `cpu_shares`: the weight in Docker's numbers, where 1024 is usual; goes before the reservation.
  public var cpuShares: UInt64?
  /// `cpu_quota`: microseconds of CPU time in each period.
  public var cpuQuota: UInt64?
  /// `cpu_period`: microseconds; nil: 100000.
  public var cpuPeriod: UInt64?
  /// `cpuset`: CPUs as a list of ranges, such as `0-3,8`.
  public var cpuSet: String?
  public var pidsLimit: UInt64?
  /// `blkio_config`.
  public var blockIO: BlockIO?
  /// `cgroup_parent`: the group that the container's is made in. One that begins with `/` counts from the
  /// top of the hierarchy, any other from the engine's own group; nil: the engine's own group.
  public var cgroupParent: String?

  public init(
    memoryLimit: UInt64? = nil, memoryReservation: UInt64? = nil, swapLimit: UInt64? = nil,
    swappiness: UInt64? = nil, disablesOOMKill: Bool? = nil, oomScoreAdjustment: Int? = nil,
    cpuLimit: UInt64? = nil, cpuReservation: UInt64? = nil, cpuShares: UInt64? = nil,
    cpuQuota: UInt64? = nil, cpuPeriod: UInt64? = nil, cpuSet: String? = nil, pidsLimit: UInt64? = nil,
    blockIO: BlockIO? = nil, cgroupParent: String? = nil
  ) {
    self.memoryLimit = memoryLimit
    self.memoryReservation = memoryReservation
    self.swapLimit = swapLimit
    self.swappiness = swappiness
    self.disablesOOMKill = disablesOOMKill
    self.oomScoreAdjustment = oomScoreAdjustment
    self.cpuLimit = cpuLimit
    self.cpuReservation = cpuReservation
    self.cpuShares = cpuShares
    self.cpuQuota = cpuQuota
    self.cpuPeriod = cpuPeriod
    self.cpuSet = cpuSet
    self.pidsLimit = pidsLimit
    self.blockIO = blockIO
    self.cgroupParent = cgroupParent
  }
}

/// `blkio_config`: how block devices are shared and limited.
public struct BlockIO: Codable, Hashable, Sendable {
  /// A number for one device of the host.
  public struct Entry: Codable, Hashable, Sendable, CustomStringConvertible {
    /// The device's path on the host, such as `/dev/sda`.
    public var path: String
    /// A weight, bytes or operations a second, as the list says that it is in.
    public var value: UInt64

    public init(path: String, value: UInt64) {
      self.path = path
      self.value = value
    }

    public var description: String { "\(path):\(value)" }
  }
  /// 10 to 1000; nil: 500.
  public var weight: UInt64?
  public var deviceWeights: [Entry]
  /// Bytes a second.
  public var readRates: [Entry]
  /// Bytes a second.
  public var writeRates: [Entry]
  /// Operations a second.
  public var readOperations: [Entry]
  /// Operations a second.
  public var writeOperations: [Entry]

  public init(
    weight: UInt64? = nil, deviceWeights: [Entry] = [], readRates: [Entry] = [],
    writeRates: [Entry] = [], readOperations: [Entry] = [], writeOperations: [Entry] = []
  ) {
    self.weight = weight
    self.deviceWeights = deviceWeights
    self.readRates = readRates
    self.writeRates = writeRates
    self.readOperations = readOperations
    self.writeOperations = writeOperations
  }
}

/// One `ulimits` entry; `UInt64.max` is unlimited. The key is the name without `RLIMIT_`, lower case.
public struct Ulimit: Codable, Hashable, Sendable {
  public var soft: UInt64
  public var hard: UInt64

  public init(soft: UInt64, hard: UInt64) {
    self.soft = soft
    self.hard = hard
  }
}
