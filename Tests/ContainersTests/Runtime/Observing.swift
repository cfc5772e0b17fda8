import Glibc
import Kernel
import Testing

/// What tests look at beyond the runtime's own API.
enum Scratch {
  static func mountTmpfs(_ path: String, size: Int) -> Bool {
    unsafe mount("tmpfs", path, "tmpfs", 0, "size=\(size)") == 0
  }
  static func resizeTmpfs(_ path: String, size: Int) throws {
    try #require(unsafe mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT), "size=\(size)") == 0)
  }
  static func unmount(_ path: String) { _ = unsafe umount2(path, Int32(MNT_DETACH)) }

  /// The permission bits of a path.
  static func mode(_ path: String) -> UInt32 {
    var info = stat()
    return unsafe lstat(path, &info) == 0 ? info.st_mode & 0o7777 : 0
  }

  /// Waits for a child's end and returns its exit code; nil: a signal ended it.
  static func exitCode(of process: Int32) -> Int32? {
    var status: Int32 = 0
    guard unsafe waitpid(process, &status, 0) == process, status & 0x7f == 0 else { return nil }
    return status >> 8 & 0xff
  }

  /// How many processes are in the PID namespace of a process.
  static func processesInNamespace(of process: Int32) throws -> Int {
    let wanted = try Files.readLink("/proc/\(process)/ns/pid")
    return try Files.list("/proc").filter {
      Int32($0) != nil && (try? Files.readLink("/proc/\($0)/ns/pid")) == wanted
    }.count
  }

  /// The shims that have something below a directory open.
  static func shims(of root: String) throws -> [String] {
    try Files.list("/proc").filter { process in
      guard Int32(process) != nil, (try? Files.readText("/proc/\(process)/comm")) == "cairn-shim\n" else {
        return false
      }
      return ((try? Files.list("/proc/\(process)/fd")) ?? []).contains {
        (try? Files.readLink("/proc/\(process)/fd/\($0)"))?.hasPrefix(root) == true
      }
    }
  }
}
