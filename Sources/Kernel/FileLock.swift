internal import CLinux
internal import Glibc

/// An flock(2) lock on a file or directory, held until the last reference to this value goes.
///
/// The kernel drops it when the process ends, however it ends: what nobody has locked is left over
/// from a crash.
package struct FileLock: Sendable {
  private let descriptor: Descriptor

  /// Waits until nobody else has the lock. `path` is a directory, or a file that is made if missing.
  package static func wait(on path: String) throws(SystemError) -> FileLock {
    let file = try target(path)
    while cl_flock(file.number, CL_LOCK_EX) != 0 {
      if errno != EINTR { throw .last("lock", on: path) }
    }
    return FileLock(descriptor: file)
  }

  /// The lock, or nil where somebody else has it.
  package static func attempt(on path: String) throws(SystemError) -> FileLock? {
    let file = try target(path)
    if cl_flock(file.number, CL_LOCK_EX | CL_LOCK_NB) == 0 { return FileLock(descriptor: file) }
    if errno == EWOULDBLOCK { return nil }
    throw .last("lock", on: path)
  }

  private static func target(_ path: String) throws(SystemError) -> Descriptor {
    do {
      return try Files.open(path, flags: O_RDONLY | O_CREAT)
    } catch  where error.code == EISDIR {
      return try Files.open(path, flags: O_RDONLY | O_DIRECTORY)
    }
  }
}
