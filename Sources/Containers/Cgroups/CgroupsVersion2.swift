internal import Kernel
internal import Stacks

/// Version 2: one group, whose controllers must first be enabled from the top down.
extension Cgroups {
  /// The controllers that we use where there are any.
  static let version2Controllers = ["memory", "cpu", "pids", "io"]

  func offeredControllers(in directory: String) -> [String] {
    let text = (try? Files.readText("\(directory)/cgroup.controllers")) ?? ""
    return text.split(whereSeparator: \.isWhitespace).map(String.init)
  }

  func createVersion2(_ id: ContainerID, _ resources: Resources, _ devices: DeviceAccess)
    throws(CgroupError) -> CgroupPlacement
  {
    guard let root = hierarchy.unified else { throw .noHierarchy }
    let groups = groupsAbove(under: root)
    let path = path(of: id, under: root)
    // Every group with `cpuset` makes the scheduler's work longer: only where it is asked for.
    let wanted = Self.version2Controllers + (resources.cpuSet == nil ? [] : ["cpuset"])
    let directory = try cgroup { () throws(SystemError) in
      if !passesOn(wanted, in: groups.last ?? root) {
        try enable(wanted, in: root, mayMoveProcesses: true)
        for group in groups {
          try Files.makeDirectories(group, mode: 0o755)
          try enable(wanted, in: group, mayMoveProcesses: false)
        }
      }
      try CgroupFiles.make(path)
      return try CgroupFiles.openDirectory(path)
    }
    try apply(resources, to: id, resetting: false)
    try apply(resources.blockIO, to: id)
    if devices != .all {
      try cgroup { () throws(SystemError) in
        try BPF.attachDeviceProgram(try devicePrograms.program(for: devices), to: directory)
      }
    }
    return CgroupPlacement(directory: directory, paths: [path])
  }

  /// Whether `directory` is there and passes all these controllers on already: mostly so.
  private func passesOn(_ wanted: [String], in directory: String) -> Bool {
    let text = (try? Files.readText("\(directory)/cgroup.subtree_control")) ?? ""
    let enabled = text.split(whereSeparator: \.isWhitespace)
    return wanted.allSatisfy { enabled.contains(Substring($0)) }
  }

  /// Passes controllers on to the groups below `directory`, as far as they are offered.
  ///
  /// A group other than the machine's own top may not have processes and pass controllers on ("no
  /// internal processes", EBUSY). The top that we see is such a group when the engine itself runs in
  /// a container with a cgroup namespace: then its processes move into a group `init` beside ours.
  private func enable(_ wanted: [String], in directory: String, mayMoveProcesses: Bool) throws(SystemError) {
    let file = "\(directory)/cgroup.subtree_control"
    let enabled = try Files.readText(file).split(whereSeparator: \.isWhitespace).map(String.init)
    let missing = offeredControllers(in: directory).filter {
      wanted.contains($0) && !enabled.contains($0)
    }
    if missing.isEmpty { return }
    let change = missing.map { "+\($0)" }.joined(separator: " ")
    do throws(SystemError) {
      try Files.writeExisting(change, to: file)
    } catch {
      guard error.isBusy, mayMoveProcesses else { throw error }
      let leaf = "\(directory)/init"
      try Files.makeDirectories(leaf, mode: 0o755)
      for process in processNumbers(try Files.readText("\(directory)/cgroup.procs")) {
        do throws(SystemError) {
          try Files.writeExisting("\(process)", to: "\(leaf)/cgroup.procs")
        } catch {
          if !error.isNoSuchProcess { throw error }
        }
      }
      try Files.writeExisting(change, to: file)
    }
  }
}

/// The content of `cgroup.procs`. A 0 stands for a process outside of our PID namespace.
func processNumbers(_ text: String) -> [Int32] {
  text.split(separator: "\n").compactMap { Int32($0) }.filter { $0 > 0 }
}
