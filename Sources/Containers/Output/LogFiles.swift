internal import Kernel

/// The files of one container's log: the newest is `log`, before it came `log.1`, `log.2` and so on. The
/// shim may begin a new file, which gives all others their next name, at any moment.
struct LogFiles {
  let directory: String

  var newest: String { "\(directory)/\(ShimProtocol.logFile)" }

  /// Opens every file, the oldest first. They are opened from the newest on: one that is renamed meanwhile
  /// is met again, not missed.
  func open() throws(SystemError) -> [Descriptor] { try open(until: nil) }

  /// Opens the files that came after `file`, the oldest first.
  func opened(after file: Descriptor) throws(SystemError) -> [Descriptor] {
    try open(until: try file.status().identity)
  }

  private func open(until last: FileStatus.Identity?) throws(SystemError) -> [Descriptor] {
    var found: [Descriptor] = []
    var seen: Set<FileStatus.Identity> = []
    var number = 0
    while true {
      do throws(SystemError) {
        let file = try Files.openToRead(number == 0 ? newest : "\(newest).\(number)")
        let identity = try file.status().identity
        if identity == last { break }
        if seen.insert(identity).inserted { found.append(file) }
      } catch {
        guard error.isNotFound else { throw error }
        // Somebody else has removed the newest; those before it may be there.
        if number > 0 { break }
      }
      number += 1
    }
    return found.reversed()
  }
}
