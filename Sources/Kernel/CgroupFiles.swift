internal import CLinux
internal import Glibc

/// What a cgroup directory takes besides reading and writing its files.
public enum CgroupFiles {
  /// Opens a cgroup directory, for CLONE_INTO_CGROUP and for attaching BPF programs.
  public static func openDirectory(_ path: String) throws(SystemError) -> Descriptor {
    try Files.open(path, flags: O_RDONLY | O_DIRECTORY)
  }

  /// Makes a group that may not be there yet (EEXIST), and those above it where they are missing.
  public static func make(_ path: String) throws(SystemError) {
    try Files.makeNewDirectory(path, mode: 0o755)
  }

  /// Writes values into one file, each in a call of its own, as the kernel takes them.
  public static func write(_ values: [String], to path: String) throws(SystemError) {
    let file = try Files.open(path, flags: O_WRONLY)
    for value in values {
      do throws(SystemError) { try file.write(value.utf8) } catch {
        throw SystemError("write \"\(value)\" to", on: path, code: error.code)
      }
    }
  }

  /// Removes one cgroup, which the kernel refuses (EBUSY) while a process or a child group is in it.
  /// A directory that is not there is no error.
  public static func remove(_ path: String) throws(SystemError) {
    guard unsafe rmdir(path) == 0 || errno == ENOENT else {
      throw .last("remove the cgroup", on: path)
    }
  }

  /// The names of the groups in the group at `path`, sorted; none where it does not exist.
  public static func children(_ path: String) throws(SystemError) -> [String] {
    try Files.list(path).filter { name in
      var info = stat()
      return unsafe lstat("\(path)/\(name)", &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }
  }

  /// Sends SIGKILL to a process; one that is gone already is no error. The calling process is
  /// never killed.
  public static func killProcess(_ pid: Int32) throws(SystemError) {
    guard pid > 0, pid != getpid() else { return }
    guard kill(pid, SIGKILL) == 0 || errno == ESRCH else {
      throw .last("kill", on: "process \(pid)")
    }
  }
}

/// A moment on the monotonic clock until which something is tried again.
public struct Deadline: Sendable {
  private let end: Int64

  public init(milliseconds: Int64) {
    end = cl_monotonic_nanoseconds() &+ milliseconds &* 1_000_000
  }

  public var hasPassed: Bool { cl_monotonic_nanoseconds() >= end }

  /// Blocks the thread for `milliseconds`; false, without blocking, once the deadline has passed.
  public func pause(milliseconds: Int32) -> Bool {
    if hasPassed { return false }
    cl_pause_milliseconds(milliseconds)
    return true
  }
}
