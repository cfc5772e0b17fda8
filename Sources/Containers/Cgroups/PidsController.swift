internal import Stacks

/// How many processes and threads a container may have at once.
enum PidsController: ResourceController {
  static let controller = CgroupHierarchy.Controller.pids

  static func asked(of resources: Resources) -> [String] {
    resources.pidsLimit == nil ? [] : ["pids"]
  }

  static func version2(_ resources: Resources, resetting: Bool) -> [CgroupSetting] {
    if let limit = resources.pidsLimit { return [CgroupSetting("pids.max", "\(limit)")] }
    return resetting ? [CgroupSetting("pids.max", "max")] : []
  }

  static func version1(_ resources: Resources, resetting: Bool) -> [CgroupSetting] {
    version2(resources, resetting: resetting)
  }
}
