internal import Stacks

/// CPU time: a ceiling, and a weight for when CPUs are contended.
enum CPUController: ResourceController {
  static let controller = CgroupHierarchy.Controller.cpu

  static func asked(of resources: Resources) -> [String] {
    (resources.cpuLimit == nil ? [] : ["cpus"])
      + (resources.cpuReservation == nil ? [] : ["cpus reservation"])
      + (resources.cpuShares == nil ? [] : ["cpu_shares"])
      + (resources.cpuQuota == nil ? [] : ["cpu_quota"])
      + (resources.cpuPeriod == nil ? [] : ["cpu_period"])
  }

  /// What `cpus`, or `cpu_quota` with `cpu_period`, come to; quota nil: no ceiling. nil: nothing is said.
  private static func ceiling(_ resources: Resources) -> (quota: UInt64?, period: UInt64)? {
    if let limit = resources.cpuLimit { return quota(thousandths: limit) }
    if resources.cpuQuota == nil && resources.cpuPeriod == nil { return nil }
    return (resources.cpuQuota, resources.cpuPeriod ?? 100_000)
  }

  /// The weight in version 1's numbers, where one CPU is 1024; nil: nothing is said.
  private static func shares(_ resources: Resources) -> UInt64? {
    if let shares = resources.cpuShares { return min(max(shares, 2), 262_144) }
    return resources.cpuReservation.map { min(max(min($0, 1 << 40) * 1024 / 1000, 2), 262_144) }
  }

  /// The weight in version 2's numbers, where one CPU is 100; nil: nothing is said.
  private static func weight(_ resources: Resources) -> UInt64? {
    if let shares = resources.cpuShares { return min(max(min(shares, 262_144) * 100 / 1024, 1), 10_000) }
    return resources.cpuReservation.map { min(max($0 / 10, 1), 10_000) }
  }

  /// Microseconds of CPU time in each period. The kernel refuses quotas under a millisecond, so
  /// that tiny limits get a longer period.
  static func quota(thousandths: UInt64) -> (quota: UInt64, period: UInt64) {
    let most: UInt64 = 1_000_000_000
    let limit = min(max(thousandths, 1), most)
    return limit >= 10 ? (limit * 100, 100_000) : (limit * 1000, 1_000_000)
  }

  static func version2(_ resources: Resources, resetting: Bool) -> [CgroupSetting] {
    var settings: [CgroupSetting] = []
    if let (quota, period) = ceiling(resources) {
      settings.append(CgroupSetting("cpu.max", "\(quota.map(String.init) ?? "max") \(period)"))
    } else if resetting {
      settings.append(CgroupSetting("cpu.max", "max 100000"))
    }
    if let weight = weight(resources) ?? (resetting ? 100 : nil) {
      settings.append(CgroupSetting("cpu.weight", "\(weight)"))
    }
    return settings
  }

  static func version1(_ resources: Resources, resetting: Bool) -> [CgroupSetting] {
    var settings: [CgroupSetting] = []
    if let (quota, period) = ceiling(resources) {
      settings.append(CgroupSetting("cpu.cfs_period_us", "\(period)"))
      settings.append(CgroupSetting("cpu.cfs_quota_us", quota.map(String.init) ?? "-1"))
    } else if resetting {
      settings.append(CgroupSetting("cpu.cfs_quota_us", "-1"))
    }
    if let shares = shares(resources) ?? (resetting ? 1024 : nil) {
      settings.append(CgroupSetting("cpu.shares", "\(shares)"))
    }
    return settings
  }
}
