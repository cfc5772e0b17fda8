internal import Stacks

/// Memory: the hard limit, what is kept from reclaim, and how often the OOM killer came.
///
/// As with Docker, a container with a limit may use as much swap again, and no more, unless it says
/// otherwise. Where the kernel does not count swap, swap is not limited; a limit of it that was asked for is
/// an error then.
enum MemoryController: ResourceController {
  static let controller = CgroupHierarchy.Controller.memory

  static func asked(of resources: Resources) -> [String] {
    (resources.memoryLimit == nil ? [] : ["memory"])
      + (resources.memoryReservation == nil ? [] : ["memory reservation"])
      + (resources.swapLimit == nil ? [] : ["memswap_limit"])
      + (resources.swappiness == nil ? [] : ["mem_swappiness"])
      + (resources.disablesOOMKill == true ? ["oom_kill_disable"] : [])
  }

  static func unsupported(in resources: Resources, isVersion2: Bool) -> (limit: String, reason: String)? {
    if isVersion2, resources.swappiness != nil {
      return ("mem_swappiness", "cgroup version 2 has no such setting; remove it")
    }
    if isVersion2, resources.disablesOOMKill == true {
      return ("oom_kill_disable", "cgroup version 2 has no such setting; remove it")
    }
    if let swap = resources.swapLimit {
      guard let memory = resources.memoryLimit else {
        return ("memswap_limit", "it needs a limit of memory too; set mem_limit")
      }
      if swap < memory { return ("memswap_limit", "it counts memory and swap, so it is at least mem_limit") }
    }
    return nil
  }

  static func version2(_ resources: Resources, resetting: Bool) -> [CgroupSetting] {
    var settings: [CgroupSetting] = []
    if resources.memoryLimit != nil || resetting {
      let limit = resources.memoryLimit.map(String.init) ?? "max"
      settings.append(CgroupSetting("memory.max", limit))
      if let both = resources.swapLimit {
        // Here swap counts alone.
        let swap = both == .max ? "max" : "\(both - min(both, resources.memoryLimit ?? 0))"
        settings.append(CgroupSetting("memory.swap.max", swap))
      } else {
        settings.append(CgroupSetting("memory.swap.max", limit, isOptional: true))
      }
    }
    if resources.memoryReservation != nil || resetting {
      settings.append(CgroupSetting("memory.low", "\(resources.memoryReservation ?? 0)"))
    }
    return settings
  }

  static func version1(_ resources: Resources, resetting: Bool) -> [CgroupSetting] {
    var settings: [CgroupSetting] = []
    if resources.memoryLimit != nil || resetting {
      // Memory may never be limited above memory and swap together, so a group that has limits
      // first loses the second.
      let together = "memory.memsw.limit_in_bytes"
      if resetting { settings.append(CgroupSetting(together, "-1", isOptional: true)) }
      settings.append(
        CgroupSetting("memory.limit_in_bytes", resources.memoryLimit.map(String.init) ?? "-1"))
      if let both = resources.swapLimit {
        settings.append(CgroupSetting(together, both == .max ? "-1" : "\(both)"))
      } else if let limit = resources.memoryLimit {
        let (twice, overflows) = limit.multipliedReportingOverflow(by: 2)
        settings.append(CgroupSetting(together, overflows ? "-1" : "\(twice)", isOptional: true))
      }
    }
    if resources.memoryReservation != nil || resetting {
      settings.append(
        CgroupSetting(
          "memory.soft_limit_in_bytes", resources.memoryReservation.map(String.init) ?? "-1"))
    }
    // Both are set once: to change them is another container.
    if let swappiness = resources.swappiness {
      settings.append(CgroupSetting("memory.swappiness", "\(swappiness)"))
    }
    if resources.disablesOOMKill == true { settings.append(CgroupSetting("memory.oom_control", "1")) }
    return settings
  }

  /// How many processes of the group the OOM killer has ended, from `memory.events` (version 2) or
  /// `memory.oom_control` (version 1).
  static func oomKills(_ text: String) -> Int { Int(clamping: keyedNumbers(text)["oom_kill"] ?? 0) }
}
