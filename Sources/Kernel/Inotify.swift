internal import CLinux

/// Readable when files of ours have grown, or when something was removed from directories of ours
/// (inotify(7)).
public struct Inotify: Sendable {
  public let descriptor: Descriptor

  public init() throws(SystemError) {
    let number = cl_inotify()
    guard number >= 0 else {
      throw .last("inotify_init", on: "", hint: "fs.inotify.max_user_instances may be used up")
    }
    descriptor = Descriptor(owning: number)
  }

  /// Wakes up when something is written to the file, and when it gets another name or none.
  public func watch(file path: String) throws(SystemError) {
    guard unsafe cl_inotify_add(descriptor.number, path) >= 0 else {
      throw .last("watch", on: path, hint: "fs.inotify.max_user_watches may be used up")
    }
  }

  /// Wakes up when something is deleted from the directory or moved out of it. The number is what
  /// `removals` calls it by.
  public func watch(removalsFrom directory: String) throws(SystemError) -> Int32 {
    let number = unsafe cl_inotify_removals(descriptor.number, directory)
    guard number >= 0 else {
      throw .last("watch", on: directory, hint: "fs.inotify.max_user_watches may be used up")
    }
    return number
  }

  /// Something was removed from a directory.
  public struct Removal: Hashable, Sendable {
    /// The number of the watched directory; -1: more has happened than the kernel kept.
    public var directory: Int32
    public var name: String
  }

  /// Takes what was removed since the last call. Never waits.
  public func removals() throws(SystemError) -> [Removal] {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try descriptor.read(upTo: 65536)
    } catch {
      guard error.isNothingYet else { throw error }
      return []
    }
    return unsafe bytes.withUnsafeBytes { events in
      var found: [Removal] = []
      var offset = 0
      var watch: Int32 = 0
      while let name = unsafe cl_inotify_next(events.baseAddress, events.count, &offset, &watch) {
        found.append(Removal(directory: watch, name: unsafe String(cString: name)))
      }
      return found
    }
  }

  /// Takes what has happened; the next wait is for something new. Never waits.
  public func drain() throws(SystemError) {
    do throws(SystemError) {
      _ = try descriptor.read(upTo: 65536)
    } catch {
      guard error.isNothingYet else { throw error }
    }
  }
}
