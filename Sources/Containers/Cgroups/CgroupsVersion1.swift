internal import Kernel
internal import Stacks

/// Version 1: a group in each hierarchy.
extension Cgroups {
  func createVersion1(_ id: ContainerID, _ resources: Resources, _ devices: DeviceAccess)
    throws(CgroupError) -> CgroupPlacement
  {
    if devices != .all && hierarchy.mounts[.devices] == nil {
      throw .missingController(limit: "devices", controller: "devices", isVersion2: false)
    }
    let roots = roots.filter { resources.cpuSet != nil || !isOnlyForCpuset($0) }
    for root in roots {
      try cgroup { () throws(SystemError) in
        try CgroupFiles.make(path(of: id, under: root))
        if hierarchy.mounts[.cpuset] == root {
          var above = root
          for path in groupsAbove(under: root) + [path(of: id, under: root)] {
            try CpusetController.inherit(into: path, from: above)
            above = path
          }
        }
      }
    }
    if let path = path(of: id, in: .devices) {
      try write(DevicesController.version1(devices), to: path)
    }
    try apply(resources, to: id, resetting: false)
    try apply(resources.blockIO, to: id)
    return CgroupPlacement(directory: nil, paths: roots.map { path(of: id, under: $0) })
  }

  /// Whether a container that asks for no CPUs of its own needs no group there.
  private func isOnlyForCpuset(_ root: String) -> Bool {
    hierarchy.mounts[.cpuset] == root
      && !Self.version1Controllers.contains { $0 != .cpuset && hierarchy.mounts[$0] == root }
  }
}
