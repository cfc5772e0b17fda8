internal import CLinux
internal import Glibc

/// Files of ours that stay open, each way of opening by its name.
extension Files {
  /// A directory, to look things up in.
  public static func openDirectory(_ path: String) throws(SystemError) -> Descriptor {
    try open(path, flags: O_RDONLY | O_DIRECTORY)
  }

  /// An existing file, for writing.
  public static func openToWrite(_ path: String) throws(SystemError) -> Descriptor {
    try open(path, flags: O_WRONLY)
  }

  /// An existing file, for reading.
  public static func openToRead(_ path: String) throws(SystemError) -> Descriptor {
    try open(path, flags: O_RDONLY)
  }
}
