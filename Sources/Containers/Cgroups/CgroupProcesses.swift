internal import Kernel
public import Stacks

/// The processes in a container's group: list, hold still, kill; and the end of the group.
extension Cgroups {
  /// The container's processes by the numbers that the caller's PID namespace gives them, sorted,
  /// those in groups that the container made itself included. Empty where there is no group.
  public func processes(of id: ContainerID) throws(CgroupError) -> [Int32] {
    var found: Set<Int32> = []
    for root in roots.prefix(1) {
      found.formUnion(try processes(in: path(of: id, under: root)))
    }
    return found.sorted()
  }

  /// Kills every process of the container, also one that forks faster than we look, and also frozen
  /// ones. Returns when all have been told; they may still be dying. No group is no error.
  public func kill(id: ContainerID) throws(CgroupError) {
    guard let root = roots.first else { return }
    let path = path(of: id, under: root)
    guard Files.exists(path) else { return }
    if hierarchy.unified != nil, Files.exists("\(path)/cgroup.kill") {
      return try cgroup { () throws(SystemError) in
        try Files.writeExisting("1", to: "\(path)/cgroup.kill")
      }
    }
    // Held still, nothing can fork between the look and the signal. Version 1 keeps the signal from
    // frozen processes until they are thawed, so they are thawed in any case. Where there is no
    // freezer, or it does not take, the rounds go on until no process is left.
    let deadline = Deadline(milliseconds: 5000)
    repeat {
      let isStill = (try? freeze(id: id, milliseconds: 500)) != nil
      let processes = try processes(in: path)
      for process in processes {
        try cgroup { () throws(SystemError) in try CgroupFiles.killProcess(process) }
      }
      if hasFreezer { try? thaw(id: id) }
      if processes.isEmpty || isStill { return }
    } while deadline.pause(milliseconds: 1)
    throw .busy(id: id.description, processes: try processes(in: path))
  }

  /// Holds every process of the container still (`pause`) and waits, at most for `milliseconds`, until
  /// all stand. Where they do not, they are let go again and `notFrozen` is thrown.
  public func freeze(id: ContainerID, milliseconds: Int64 = 5000) throws(CgroupError) {
    let deadline = Deadline(milliseconds: milliseconds)
    try setFrozen(true, id)
    while true {
      if try isFrozen(id: id) { return }
      guard deadline.pause(milliseconds: 1) else { break }
      // Version 1 may stay FREEZING when a process forked meanwhile; asking again takes it along.
      if hierarchy.unified == nil { try setFrozen(true, id) }
    }
    try? setFrozen(false, id)
    throw .notFrozen(id: id.description)
  }

  /// Lets the container's processes go on.
  public func thaw(id: ContainerID) throws(CgroupError) { try setFrozen(false, id) }

  /// Whether all of the container's processes stand still.
  public func isFrozen(id: ContainerID) throws(CgroupError) -> Bool {
    _ = try existingPaths(of: id)
    guard let path = path(of: id, in: .freezer) else { return false }
    let isVersion1 = hierarchy.unified == nil
    let text = try cgroup { () throws(SystemError) in
      try Files.readText(path + (isVersion1 ? "/freezer.state" : "/cgroup.events"))
    }
    return isVersion1 ? text == "FROZEN\n" : keyedNumbers(text)["frozen"] == 1
  }

  /// Removes the container's group and those that the container made in it. While processes are
  /// still dying it waits, at most for `milliseconds`; then it throws `busy`. No group is no error.
  public func remove(id: ContainerID, milliseconds: Int64 = 5000) throws(CgroupError) {
    let deadline = Deadline(milliseconds: milliseconds)
    var wait: Int32 = 1
    for root in roots {
      let path = path(of: id, under: root)
      while true {
        do throws(SystemError) {
          try removeTree(path)
          break
        } catch {
          guard error.isBusy else { throw .system(error) }
          guard deadline.pause(milliseconds: wait) else {
            throw .busy(id: id.description, processes: (try? processes(in: path)) ?? [])
          }
          wait = min(wait * 2, 20)
        }
      }
      removeEmptyParents(under: root)
    }
  }

  private var hasFreezer: Bool { hierarchy.unified != nil || hierarchy.mounts[.freezer] != nil }

  private func setFrozen(_ frozen: Bool, _ id: ContainerID) throws(CgroupError) {
    guard let path = path(of: id, in: .freezer) else {
      throw .missingController(limit: "pause", controller: "freezer", isVersion2: false)
    }
    guard Files.exists(path) else { throw .noGroup(id: id.description) }
    try cgroup { () throws(SystemError) in
      if hierarchy.unified == nil {
        try Files.writeExisting(frozen ? "FROZEN" : "THAWED", to: "\(path)/freezer.state")
      } else {
        try Files.writeExisting(frozen ? "1" : "0", to: "\(path)/cgroup.freeze")
      }
    }
  }

  private func processes(in path: String) throws(CgroupError) -> [Int32] {
    try cgroup { () throws(SystemError) in try Self.processes(beneath: path) }
  }

  /// A group that goes meanwhile has no processes.
  private static func processes(beneath path: String) throws(SystemError) -> [Int32] {
    do throws(SystemError) {
      var all = processNumbers(try Files.readText("\(path)/cgroup.procs"))
      for child in try CgroupFiles.children(path) { all += try processes(beneath: "\(path)/\(child)") }
      return all
    } catch {
      if error.isNotFound || error.isNoDevice { return [] }
      throw error
    }
  }

  private func removeTree(_ path: String) throws(SystemError) {
    // Mostly there is nothing below; looking costs more than trying.
    do throws(SystemError) {
      try CgroupFiles.remove(path)
    } catch {
      guard error.isBusy else { throw error }
      for child in try CgroupFiles.children(path) { try removeTree("\(path)/\(child)") }
      try CgroupFiles.remove(path)
    }
  }
}
