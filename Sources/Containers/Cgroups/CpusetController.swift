internal import Kernel
internal import Stacks

/// The CPUs that a container may run on. They are set once: to change them is another container.
///
/// On version 1 a new group has no CPUs and no memory nodes, and a process cannot enter it (ENOSPC). Where a
/// hierarchy that we use carries `cpuset` too, a group gets those of the group above.
enum CpusetController: ResourceController {
  static let controller = CgroupHierarchy.Controller.cpuset

  static func asked(of resources: Resources) -> [String] { resources.cpuSet == nil ? [] : ["cpuset"] }

  static func version2(_ resources: Resources, resetting: Bool) -> [CgroupSetting] {
    guard let set = resources.cpuSet, !resetting else { return [] }
    return [CgroupSetting("cpuset.cpus", set)]
  }

  static func version1(_ resources: Resources, resetting: Bool) -> [CgroupSetting] {
    version2(resources, resetting: resetting)
  }

  static let files = ["cpuset.cpus", "cpuset.mems"]

  static func inherit(into directory: String, from parent: String) throws(SystemError) {
    for file in files {
      guard isBlank(try Files.readText("\(directory)/\(file)")) else { continue }
      let value = try Files.readText("\(parent)/\(file)")
      if !isBlank(value) {
        try Files.writeExisting(String(value.prefix { $0 != "\n" }), to: "\(directory)/\(file)")
      }
    }
  }

  private static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
}
