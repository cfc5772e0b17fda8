internal import CLinux
internal import Glibc

/// What stat(2) says about one file, without following it.
package struct FileStatus: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case regular, directory, symbolicLink, fifo, socket
    case characterDevice(major: UInt32, minor: UInt32)
    case blockDevice(major: UInt32, minor: UInt32)
  }
  package var kind: Kind
  /// The lower twelve bits of the mode: permissions, set-user-ID, set-group-ID, sticky.
  package var permissions: UInt32
  package var owner: UInt32
  package var group: UInt32
  /// Bytes, holes included.
  package var size: Int64
  /// Bytes that are taken on the disk.
  package var allocated: Int64
  package var modified: FileTime
  package var identity: Identity
  package var linkCount: UInt64

  /// Two names with the same identity are one file.
  package struct Identity: Hashable, Sendable {
    package var device: UInt64
    package var inode: UInt64
  }

  /// What overlayfs takes for "the layers below have no such file": a character device 0:0.
  package var isWhiteout: Bool { kind == .characterDevice(major: 0, minor: 0) }

  init?(_ info: stat) {
    let device = UInt64(info.st_rdev)
    let major = cl_major(device)
    let minor = cl_minor(device)
    switch info.st_mode & S_IFMT {
    case S_IFREG: kind = .regular
    case S_IFDIR: kind = .directory
    case S_IFLNK: kind = .symbolicLink
    case S_IFIFO: kind = .fifo
    case S_IFSOCK: kind = .socket
    case S_IFCHR: kind = .characterDevice(major: major, minor: minor)
    case S_IFBLK: kind = .blockDevice(major: major, minor: minor)
    default: return nil
    }
    permissions = info.st_mode & 0o7777
    owner = info.st_uid
    group = info.st_gid
    size = Int64(info.st_size)
    allocated = Int64(info.st_blocks) * 512
    modified = FileTime(seconds: Int64(info.st_mtim.tv_sec), nanoseconds: Int64(info.st_mtim.tv_nsec))
    identity = Identity(device: UInt64(info.st_dev), inode: UInt64(info.st_ino))
    linkCount = UInt64(info.st_nlink)
  }
}

/// A time as inodes keep it.
package struct FileTime: Hashable, Sendable {
  package var seconds: Int64
  /// 0 to 999 999 999.
  package var nanoseconds: Int64

  package init(seconds: Int64, nanoseconds: Int64 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// For utimensat(2): the access time is left as it is.
  var pair: [timespec] {
    [
      timespec(tv_sec: 0, tv_nsec: CL_UTIME_OMIT),
      timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds)),
    ]
  }
}

extension Files {
  /// lstat(2) of one of our own paths.
  package static func status(of path: String) throws(SystemError) -> FileStatus {
    var info = stat()
    guard unsafe lstat(path, &info) == 0, let status = FileStatus(info) else { throw .last("stat", on: path) }
    return status
  }

  /// Gives a directory that we have just made owner, permissions and time of another.
  package static func liken(_ path: String, to status: FileStatus) throws(SystemError) {
    guard unsafe chown(path, status.owner, status.group) == 0 else { throw .last("chown", on: path) }
    guard unsafe chmod(path, status.permissions) == 0 else { throw .last("chmod", on: path) }
    let pair = status.modified.pair
    guard unsafe utimensat(AT_FDCWD, path, pair, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .last("set the time", on: path)
    }
  }
}

extension Descriptor {
  /// fstat(2) of the open file.
  package func status() throws(SystemError) -> FileStatus {
    var info = stat()
    guard unsafe fstat(number, &info) == 0, let status = FileStatus(info) else {
      throw .last("stat", on: "descriptor \(number)")
    }
    return status
  }

  /// Sets owner, then the mode: chown(2) clears set-user-ID, so that it has to come first.
  package func setOwner(_ owner: UInt32, group: UInt32, permissions: UInt32) throws(SystemError) {
    guard fchown(number, owner, group) == 0 else { throw .last("chown", on: "descriptor \(number)") }
    guard fchmod(number, permissions) == 0 else { throw .last("chmod", on: "descriptor \(number)") }
  }

  package func setModified(_ time: FileTime) throws(SystemError) {
    let pair = time.pair
    guard unsafe futimens(number, pair) == 0 else {
      throw .last("set the time", on: "descriptor \(number)")
    }
  }

  /// Gives the file the length `size`, in bytes; what is new is a hole.
  package func setSize(_ size: Int64) throws(SystemError) {
    guard ftruncate(number, Int(size)) == 0 else {
      throw .last("set the size", on: "descriptor \(number)")
    }
  }

  /// Moves the offset of the open file, counted from its start.
  package func seek(to offset: Int64) throws(SystemError) {
    guard lseek(number, Int(offset), SEEK_SET) >= 0 else { throw .last("seek", on: "descriptor \(number)") }
  }

  /// fsync(2): what was written is on the disk when this returns.
  package func sync() throws(SystemError) {
    guard fsync(number) == 0 else { throw .last("fsync", on: "descriptor \(number)") }
  }

  /// syncfs(2): everything that was written to the file's file system is on the disk.
  package func syncFileSystem() throws(SystemError) {
    guard cl_syncfs(number) == 0 else { throw .last("syncfs", on: "descriptor \(number)") }
  }
}
