internal import CLinux
internal import Glibc

/// Mounts of the host: in the mount namespace of this process.
public enum HostMount {
  /// What is known of the mount that a path lies on.
  public struct Facts: Hashable, Sendable {
    /// What is mounted below it elsewhere comes here, and what is mounted here goes there.
    public var isShared: Bool
    /// What is mounted elsewhere comes here.
    public var isSlave: Bool
  }

  /// The mount that `path` lies on; symbolic links are followed.
  public static func facts(of path: String) throws(SystemError) -> Facts {
    let id = try mountNumber(of: place(path), path)
    guard let facts = Facts(of: id, in: try Files.readText("/proc/self/mountinfo")) else {
      throw SystemError("find the mount of", on: path, code: 0, hint: "it is not in /proc/self/mountinfo")
    }
    return facts
  }

  /// The number of the mount that an open file lies on, as in mountinfo.
  private static func mountNumber(of file: Descriptor, _ path: String) throws(SystemError) -> String {
    let info = try Files.readText("/proc/self/fdinfo/\(file.number)")
    defer { withExtendedLifetime(file) {} }
    guard let line = info.split(separator: "\n").first(where: { $0.hasPrefix("mnt_id:") }) else {
      throw SystemError("find the mount of", on: path, code: 0, hint: "the kernel does not say it")
    }
    return String(line.dropFirst(7).filter { !$0.isWhitespace })
  }

  /// Whether something is mounted on the directory at `path`, and not just on one above it.
  public static func isMountPoint(_ path: String) throws(SystemError) -> Bool {
    let here = try mountNumber(of: Files.openDirectory(path), path)
    return try here != mountNumber(of: Files.openDirectory(path + "/.."), path)
  }

  /// The root directory of a process, in whatever mount namespace: its file system stays mounted as long as
  /// this is open (proc_pid_root(5)). Nothing can be read through it.
  public static func root(of process: Int32) throws(SystemError) -> Descriptor {
    try place("/proc/\(process)/root")
  }

  /// A path as a place alone (O_PATH); symbolic links are followed.
  private static func place(_ path: String) throws(SystemError) -> Descriptor {
    let number = unsafe cl_open(path, CL_O_PATH | O_CLOEXEC, 0)
    guard number >= 0 else { throw .last("open", on: path) }
    return Descriptor(owning: number)
  }

  /// Mounts a file system on a directory of ours (mount(2)). `options` are those of mount(8): flags such as
  /// `ro` and `noexec`, and words for the file system itself.
  public static func mount(_ device: String, on path: String, type: String, options: [String])
    throws(SystemError)
  {
    let (flags, words) = parse(options)
    guard unsafe Glibc.mount(device, path, type, flags, words.joined(separator: ",")) == 0 else {
      throw .last(
        "mount \(type) \(device) on", on: path,
        hint: errno == ENODEV ? "the kernel has no such file system; load its module" : "")
    }
  }

  /// Takes what is mounted on a directory of ours away, now or once nobody uses it any more.
  public static func unmount(_ path: String) throws(SystemError) {
    guard unsafe umount2(path, Int32(MNT_DETACH)) == 0 else { throw .last("unmount", on: path) }
  }

  /// Options as flags for the kernel and words for the file system.
  static func parse(_ options: [String]) -> (flags: UInt, words: [String]) {
    let known: [String: (set: UInt, clear: UInt)] = [
      "ro": (1, 0), "rw": (0, 1), "nosuid": (2, 0), "suid": (0, 2), "nodev": (4, 0), "dev": (0, 4),
      "noexec": (8, 0), "exec": (0, 8), "sync": (16, 0), "async": (0, 16), "dirsync": (128, 0),
      "noatime": (1 << 10, 0), "atime": (0, 1 << 10), "nodiratime": (1 << 11, 0),
      "relatime": (1 << 21, 0), "strictatime": (1 << 24, 0), "defaults": (0, 0),
    ]
    var flags: UInt = 0
    var words: [String] = []
    for option in options {
      if let change = known[option] {
        flags = flags & ~change.clear | change.set
      } else {
        words.append(option)
      }
    }
    return (flags, words)
  }
}

extension HostMount.Facts {
  /// The line of the mount with the number `id`; nil: there is none.
  init?(of id: some StringProtocol, in mountInfo: String) {
    for line in mountInfo.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard let first = fields.first, first == id, let end = fields.firstIndex(of: "-"), end >= 6 else {
        continue
      }
      isShared = fields[6..<end].contains { $0.hasPrefix("shared:") }
      isSlave = fields[6..<end].contains { $0.hasPrefix("master:") }
      return
    }
    return nil
  }
}
