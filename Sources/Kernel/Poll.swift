internal import CLinux
internal import Glibc

/// Waiting for descriptors (poll(2)).
public enum Poll {
  /// Waits until at least one of `readable` has something to read, has ended or has failed, or one of
  /// `writable` can be written to. Returns those numbers; empty: `milliseconds` passed first.
  /// `milliseconds` nil waits without end. A signal that has a handler does not end the wait.
  public static func wait(
    readable: [Int32], writable: [Int32] = [], milliseconds: Int? = nil
  ) throws(SystemError) -> Set<Int32> {
    var requests = readable.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    requests += writable.map { pollfd(fd: $0, events: Int16(POLLOUT), revents: 0) }
    let limit = milliseconds.map { Int32(clamping: max(0, $0)) } ?? -1
    while true {
      let count = unsafe poll(&requests, nfds_t(requests.count), limit)
      if count >= 0 { return Set(requests.filter { $0.revents != 0 }.map(\.fd)) }
      if errno != EINTR { throw .last("wait for", on: "\(requests.count) descriptors") }
    }
  }
}
