internal import CLinux
internal import Glibc

/// Pipes, terminals and reading or writing them without blocking a task.
public enum Pipe {
  /// A pipe: what is written into `write` comes out of `read`.
  public static func make() throws(SystemError) -> (read: Descriptor, write: Descriptor) {
    var ends: [Int32] = [-1, -1]
    guard unsafe cl_pipe(&ends) == 0 else { throw .last("pipe", on: "") }
    return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
  }
}

extension Descriptor {
  /// From now on reads and writes fail with EAGAIN where they would wait. It concerns everybody who
  /// has the same end open.
  public func setNonblocking() throws(SystemError) {
    guard cl_set_nonblocking(number) == 0 else { throw .last("set O_NONBLOCK", on: "descriptor \(number)") }
  }

  /// Tells a terminal how large its window is.
  public func setWindowSize(rows: UInt16, columns: UInt16) throws(SystemError) {
    guard cl_window_size(number, UInt32(rows), UInt32(columns)) == 0 else {
      throw .last("set the window size", on: "the terminal")
    }
  }

  /// Reads what is there, waiting on `poller` for the first byte; empty: the end. The descriptor must be
  /// nonblocking. A terminal whose last user has gone (EIO) is at its end.
  public func read(upTo count: Int, on poller: Poller) async throws(SystemError) -> [UInt8] {
    while true {
      do throws(SystemError) {
        return try read(upTo: count)
      } catch {
        if error.code == EIO { return [] }
        guard error.code == EAGAIN else { throw error }
      }
      try await poller.readable(self)
    }
  }

  /// Writes every byte, waiting on `poller` where there is no room. The descriptor must be nonblocking.
  public func write(_ bytes: [UInt8], on poller: Poller) async throws(SystemError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let n = unsafe rest.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
      if n >= 0 {
        rest = rest.dropFirst(n)
      } else if errno == EAGAIN {
        try await poller.writable(self)
      } else if errno != EINTR {
        throw .last("write", on: "descriptor \(number)")
      }
    }
  }
}
