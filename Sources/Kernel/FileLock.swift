internal import CLinux
internal import Glibc

/// An flock(2) lock on a file or directory, held until the last reference to this value goes.
///
/// The kernel drops it when the process ends, however it ends: what nobody has locked is left over
/// from a crash.
package struct FileLock: Sendable {
  private let descriptor: Descriptor

  /// What the lock is on.
  package enum Target: Sendable {
    /// A file, which is made where it is missing.
    case file
    /// A directory, which must be there.
    case directory
  }

  /// Waits until nobody else has the lock.
  package static func wait(on path: String, _ target: Target = .file) throws(SystemError) -> FileLock {
    let opened = try open(path, target)
    while cl_flock(opened.number, CL_LOCK_EX) != 0 {
      if errno != EINTR { throw .last("lock", on: path) }
    }
    return FileLock(descriptor: opened)
  }

  /// The lock, or nil where somebody else has it and does not give it back within so many milliseconds, for
  /// which the thread is blocked.
  package static func attempt(
    on path: String, _ target: Target = .file, within milliseconds: Int64 = 0
  ) throws(SystemError) -> FileLock? {
    let opened = try open(path, target)
    let deadline = Deadline(milliseconds: milliseconds)
    while true {
      if cl_flock(opened.number, CL_LOCK_EX | CL_LOCK_NB) == 0 { return FileLock(descriptor: opened) }
      guard errno == EWOULDBLOCK else { throw .last("lock", on: path) }
      guard deadline.pause(milliseconds: 5) else { return nil }
    }
  }

  /// How long an engine waits for the locks of one before it, which may have been killed a moment ago and takes
  /// a while to go; in milliseconds.
  package static let succession: Int64 = 2000

  private static func open(_ path: String, _ target: Target) throws(SystemError) -> Descriptor {
    switch target {
    case .file: try Files.open(path, flags: O_RDONLY | O_CREAT)
    case .directory: try Files.open(path, flags: O_RDONLY | O_DIRECTORY)
    }
  }
}
