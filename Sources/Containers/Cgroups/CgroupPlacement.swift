public import Kernel

/// A container's group, ready to take processes.
public struct CgroupPlacement: Sendable {
  /// Version 2: the directory, for clone3's CLONE_INTO_CGROUP; nil on version 1.
  public let directory: Descriptor?
  /// The `cgroup.procs` files to write a process into: one on version 2, one for each hierarchy on
  /// version 1. After clone3 with `directory` nothing is to be written.
  public let processFiles: [String]
  /// The group's directory on the host in each hierarchy.
  public let paths: [String]

  init(directory: Descriptor?, paths: [String]) {
    self.directory = directory
    self.paths = paths
    processFiles = paths.map { "\($0)/cgroup.procs" }
  }

  /// Moves a process, with all its threads, into the group.
  ///
  /// The first move after a while waits for the kernel (RCU) for up to 15 ms, those right after it do
  /// not: on version 1, start all processes of a batch and then move them one after the other.
  public func enter(_ process: Int32) throws(CgroupError) {
    for file in processFiles {
      try cgroup { () throws(SystemError) in try Files.writeExisting("\(process)", to: file) }
    }
  }
}
