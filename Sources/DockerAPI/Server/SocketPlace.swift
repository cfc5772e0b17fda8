import Kernel

/// The path of the server's socket, ours from the check that nobody has it to the end.
struct SocketPlace: Sendable {
  let path: String
  /// Where the socket is made before it gets its name, so that it never has that with a wider mode.
  let fresh: String
  private let lock: FileLock

  /// Makes sure that nobody else listens at `path`, and that nobody else begins to.
  static func claim(_ path: String) throws(ServerError) -> SocketPlace {
    guard path.hasPrefix("/") else {
      throw ServerError("listen at \(path): the path is not absolute; give it from / on")
    }
    let fresh = path + ".new"
    guard fresh.utf8.count <= UnixSocket.longestPath else {
      throw ServerError(
        "listen at \(path): a socket's path has at most \(UnixSocket.longestPath - 4) bytes; choose a shorter one"
      )
    }
    do throws(SystemError) {
      guard let lock = try FileLock.attempt(on: path + ".lock", within: FileLock.succession) else {
        throw SystemError("", on: "", code: 0)
      }
      if Files.exists(path) {
        guard Files.isSocket(path) else {
          throw SystemError("", on: "", code: 0, hint: "something that is not a socket is there; remove it")
        }
        guard !UnixSocket.isAnswering(path) else { throw SystemError("", on: "", code: 0) }
      }
      try Files.remove(fresh)
      return SocketPlace(path: path, fresh: fresh, lock: lock)
    } catch {
      if error.code != 0 { throw ServerError("listen at \(path): \(error)") }
      let why =
        error.hint.isEmpty
        ? "another engine listens there; use it, stop it, or choose another path" : error.hint
      throw ServerError("listen at \(path): \(why)")
    }
  }

  /// Gives the socket its name and mode; one that an engine left behind is replaced.
  func publish() throws(ServerError) {
    do throws(SystemError) {
      try Files.setMode(fresh, to: 0o600)
      try Files.rename(fresh, to: path)
    } catch {
      throw ServerError("listen at \(path): \(error)")
    }
  }

  func release() {
    try? Files.remove(path)
    try? Files.remove(fresh)
  }
}
