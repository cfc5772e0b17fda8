internal import Glibc

extension Files {
  /// Has ext4 place every directory that is made in this one in another part of the disk (FS_TOPDIR_FL,
  /// ioctl_iflags(2)). A file system without it stays as it is.
  public static func spreadDirectories(in path: String) throws(SystemError) {
    let directory = try open(path, flags: O_RDONLY | O_DIRECTORY)
    // FS_IOC_GETFLAGS and FS_IOC_SETFLAGS are declared with `long`, and the kernel moves 32 bits.
    var flags: Int32 = 0
    guard unsafe ioctl(directory.number, 0x8008_6601, &flags) == 0, flags & 0x2_0000 == 0 else { return }
    flags |= 0x2_0000
    _ = unsafe ioctl(directory.number, 0x4008_6602, &flags)
  }
}
