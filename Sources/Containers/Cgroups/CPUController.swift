internal import Stacks

/// CPU time: a ceiling, and a weight for when CPUs are contended.
enum CPUController: ResourceController {
  static let controller = CgroupHierarchy.Controller.cpu

  static func asked(of resources: Resources) -> [String] {
    (resources.cpuLimit == nil ? [] : ["cpus"])
      + (resources.cpuReservation == nil ? [] : ["cpus reservation"])
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
    if let limit = resources.cpuLimit {
      let (quota, period) = quota(thousandths: limit)
      settings.append(CgroupSetting("cpu.max", "\(quota) \(period)"))
    } else if resetting {
      settings.append(CgroupSetting("cpu.max", "max 100000"))
    }
    if resources.cpuReservation != nil || resetting {
      // One CPU is the default weight of 100.
      let weight = resources.cpuReservation.map { min(max($0 / 10, 1), 10_000) } ?? 100
      settings.append(CgroupSetting("cpu.weight", "\(weight)"))
    }
    return settings
  }

  static func version1(_ resources: Resources, resetting: Bool) -> [CgroupSetting] {
    var settings: [CgroupSetting] = []
    if let limit = resources.cpuLimit {
      let (quota, period) = quota(thousandths: limit)
      settings.append(CgroupSetting("cpu.cfs_period_us", "\(period)"))
      settings.append(CgroupSetting("cpu.cfs_quota_us", "\(quota)"))
    } else if resetting {
      settings.append(CgroupSetting("cpu.cfs_quota_us", "-1"))
    }
    if resources.cpuReservation != nil || resetting {
      // One CPU is the default of 1024 shares.
      let shares = resources.cpuReservation.map { min(max(min($0, 1 << 40) * 1024 / 1000, 2), 262_144) }
      settings.append(CgroupSetting("cpu.shares", "\(shares ?? 1024)"))
    }
    return settings
  }
}
