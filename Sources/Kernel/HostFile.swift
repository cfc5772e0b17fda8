internal import CLinux
internal import Glibc

/// Files of the host's administrator, such as `/etc/resolv.conf`: links are followed.
public enum HostFile {
  /// What changes when a file does.
  public struct Stamp: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var seconds: Int
    var nanoseconds: Int
  }

  /// nil: there is no such file.
  public static func stamp(_ path: String) -> Stamp? {
    var info = stat()
    guard unsafe stat(path, &info) == 0 else { return nil }
    return Stamp(
      device: UInt64(info.st_dev), inode: UInt64(info.st_ino), size: Int64(info.st_size),
      seconds: info.st_mtim.tv_sec, nanoseconds: info.st_mtim.tv_nsec)
  }

  /// The text of a file of at most 64 KiB.
  public static func read(_ path: String) throws(SystemError) -> String {
    String(decoding: try bytes(path, limit: 65536), as: UTF8.self)
  }

  /// The whole content of a file of at most `limit` bytes.
  public static func bytes(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    let number = unsafe cl_open(path, O_RDONLY | O_CLOEXEC, 0)
    guard number >= 0 else { throw .last("open", on: path) }
    return try Descriptor(owning: number).readAll(limit: limit)
  }

  /// Milliseconds of a clock that only goes forward (CLOCK_MONOTONIC).
  public static var monotonicMilliseconds: Int {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
  }
}
