import Kernel

/// Where things are made that are not whole yet, and where things go that are no more.
///
/// A place in it is locked as long as somebody works there. What nobody has locked was left by a
/// process that died, and `sweep` removes it.
struct StagingArea: Sendable {
  let path: String

  /// A directory of one's own; gone, with what is still in it, when the last reference goes.
  final class Place: Sendable {
    let path: String
    private let lock: FileLock

    fileprivate init(path: String, lock: FileLock) {
      self.path = path
      self.lock = lock
    }

    deinit { try? Files.removeTree(path) }
  }

  func place() throws(SystemError) -> Place {
    try Files.makeDirectories(path)
    let guardian = try FileLock.wait(on: path, .directory)
    defer { withExtendedLifetime(guardian) {} }
    let directory = path + "/" + randomName()
    try Files.makeDirectory(directory)
    return Place(path: directory, lock: try FileLock.wait(on: directory, .directory))
  }

  /// Moves a directory here in one step; `sweep` removes it.
  func discard(_ directory: String) throws(SystemError) {
    try Files.makeDirectories(path)
    try Files.rename(directory, to: path + "/" + randomName())
  }

  /// Removes what nobody works on, other sweeps included. What is gone by then is no error.
  func sweep() throws(SystemError) {
    for name in try Files.list(path) {
      let directory = path + "/" + name
      do throws(SystemError) {
        guard let lock = try abandoned(directory) else { continue }
        defer { withExtendedLifetime(lock) {} }
        try Files.removeTree(directory)
      } catch  where error.isNotFound {
        continue
      } catch  where error.isNotDirectory {
        // Nothing that we make; removed, lest it keep the rest from being swept.
        try Files.remove(directory)
      }
    }
  }

  /// The lock of a directory on which nobody works; nil where somebody does. Who makes a place has
  /// not locked it yet for a moment, in which nobody may look.
  private func abandoned(_ directory: String) throws(SystemError) -> FileLock? {
    let guardian = try FileLock.wait(on: path, .directory)
    defer { withExtendedLifetime(guardian) {} }
    return try FileLock.attempt(on: directory, .directory)
  }
}

private func randomName() -> String {
  String(UInt64.random(in: .min ... .max), radix: 16) + String(UInt64.random(in: .min ... .max), radix: 16)
}
