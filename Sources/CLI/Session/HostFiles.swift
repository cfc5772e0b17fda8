import Kernel
import StackFile

extension FileAccess {
  /// The files of this machine, read with system calls: Foundation takes half a millisecond to begin with.
  static let host = FileAccess { path in
    do throws(SystemError) {
      return .success(try HostFile.bytes(path, limit: 64 << 20))
    } catch {
      if error.isNotFound { return .failure(.absent) }
      return .failure(.unreadable(error.reason.prefix(1).lowercased() + error.reason.dropFirst()))
    }
  }
}
