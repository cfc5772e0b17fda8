internal import CLinux
internal import Glibc

/// A device of the host, as its node under /dev shows it.
public struct HostDevice: Hashable, Sendable {
  /// Where it was found.
  public var path: String
  public var isBlock: Bool
  public var major: UInt32
  public var minor: UInt32
  /// The node's permissions, owner and group.
  public var permissions: UInt32
  public var owner: UInt32
  public var group: UInt32

  /// The device at `path`; links are followed, as paths such as `/dev/disk/by-id/…` are links. nil: there is
  /// something else.
  public init?(at path: String) throws(SystemError) {
    var info = stat()
    guard unsafe fstatat(AT_FDCWD, path, &info, 0) == 0 else { throw .last("find the device", on: path) }
    let kind = info.st_mode & S_IFMT
    guard kind == S_IFCHR || kind == S_IFBLK else { return nil }
    self.path = path
    isBlock = kind == S_IFBLK
    major = cl_major(UInt64(info.st_rdev))
    minor = cl_minor(UInt64(info.st_rdev))
    permissions = info.st_mode & 0o7777
    owner = info.st_uid
    group = info.st_gid
  }

  /// The device at `path`, or every device in the directory there and in those below it, sorted by path.
  public static func all(at path: String) throws(SystemError) -> [HostDevice] {
    if let one = try HostDevice(at: path) { return [one] }
    guard let directory = try? Files.openDirectory(path) else {
      throw SystemError("use the device", on: path, code: 0, hint: "it is neither a device nor a directory")
    }
    var found: [HostDevice] = []
    for name in try Files.list(path) {
      let inner = "\(path)/\(name)"
      var info = stat()
      // A link in a directory of devices is another name of one, not another one.
      guard unsafe fstatat(directory.number, name, &info, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
      switch info.st_mode & S_IFMT {
      case S_IFDIR: found += try all(at: inner)
      case S_IFCHR, S_IFBLK: if let one = try HostDevice(at: inner) { found.append(one) }
      default: break
      }
    }
    return found
  }

  /// `MAJOR:MINOR`.
  public var number: String { "\(major):\(minor)" }
}
