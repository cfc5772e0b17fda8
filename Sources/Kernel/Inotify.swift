internal import CLinux

/// Readable when files of ours have grown (inotify(7)). What happened is not told: look.
public struct Inotify: Sendable {
  public let descriptor: Descriptor

  public init() throws(SystemError) {
    let number = cl_inotify()
    guard number >= 0 else {
      throw .last("inotify_init", on: "", hint: "fs.inotify.max_user_instances may be used up")
    }
    descriptor = Descriptor(owning: number)
  }

  /// Wakes up when something is written to the file.
  public func watch(file path: String) throws(SystemError) {
    guard unsafe cl_inotify_add(descriptor.number, path) >= 0 else {
      throw .last("watch", on: path, hint: "fs.inotify.max_user_watches may be used up")
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
