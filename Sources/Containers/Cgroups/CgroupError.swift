public import Kernel

/// Why a container's cgroup could not be made, changed or removed.
public enum CgroupError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No cgroup file system is mounted.
  case noHierarchy
  /// `limit` was asked for and the kernel offers no `controller` for it.
  case missingController(limit: String, controller: String, isVersion2: Bool)
  /// `limit` was asked for and cannot be had here.
  case unsupported(limit: String, reason: String)
  /// There is no group for this container.
  case noGroup(id: String)
  /// The path of a group over containers leads out of the hierarchy.
  case invalidPath(String)
  /// Processes are still in the group.
  case busy(id: String, processes: [Int32])
  /// The processes of the group could not be frozen in time.
  case notFrozen(id: String)
  /// A system call failed.
  case system(SystemError)

  public var description: String {
    switch self {
    case .noHierarchy:
      "find the cgroup file system: none is mounted "
        + "(mount one: mount -t cgroup2 cgroup2 /sys/fs/cgroup)"
    case .missingController(let limit, let controller, let isVersion2):
      "limit \(limit): the kernel offers no cgroup controller '\(controller)' "
        + (isVersion2
          ? "(it is not in cgroup.controllers: a version 1 mount holds it, or the boot option "
            + "cgroup_disable=\(controller) is set; "
          : "(it is not mounted: mount -t cgroup -o \(controller) cgroup "
            + "/sys/fs/cgroup/\(controller); ")
        + "or drop the limit from the stack file)"
    case .unsupported(let limit, let reason): "set \(limit): \(reason)"
    case .noGroup(let id):
      "find the cgroup of container \(id.prefix(12)): there is none (the container is not running)"
    case .invalidPath(let path):
      "make containers' cgroups in \(path): the path may not have '.' or '..' in it (correct 'cgroup_parent')"
    case .busy(let id, let processes):
      "remove the cgroup of container \(id.prefix(12)): processes are still in it: "
        + processes.map(String.init).joined(separator: ", ") + " (kill the container first)"
    case .notFrozen(let id):
      "freeze container \(id.prefix(12)): its processes did not stop in time "
        + "(one waits in the kernel for a device or a file system; try again)"
    case .system(let error): error.description
    }
  }
}

/// Runs `body` with the kernel's error wrapped.
func cgroup<Result>(_ body: () throws(SystemError) -> Result) throws(CgroupError) -> Result {
  do throws(SystemError) { return try body() } catch { throw .system(error) }
}
