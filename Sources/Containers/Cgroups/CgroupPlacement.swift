public import Kernel

/// A container's group, ready to take processes.
public struct CgroupPlacement: Sendable {
  /// Version 2: the directory, for clone3's CLONE_INTO_CGROUP; nil on version 1.
  public let directory: Descriptor?
  /// The group's directory on the host in each hierarchy.
  public let paths: [String]

  /// The files of version 1 into which a thread of the container puts itself, one for each hierarchy; none
  /// where it is cloned into the group.
  var taskFiles: [String] { directory == nil ? paths.map { $0 + "/tasks" } : [] }

  /// The same, for who does not see them where it enters them.
  func openTaskFiles() throws(SystemError) -> [Descriptor] {
    var files: [Descriptor] = []
    for path in taskFiles { files.append(try Files.openToWrite(path)) }
    return files
  }
}
