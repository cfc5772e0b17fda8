internal import CLinux
internal import Glibc

/// Stream sockets with a path for an address (unix(7)).
public enum UnixSocket {
  /// The longest path in bytes that fits into an address.
  public static let longestPath = 107

  /// Connects to who listens at `path`. ENOENT: nothing is there; ECONNREFUSED: nobody listens.
  public static func connect(to path: String) throws(SystemError) -> Descriptor {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count <= longestPath else {
      throw SystemError(
        "connect to", on: path, code: ENAMETOOLONG,
        hint: "a socket's path has at most \(longestPath) bytes; choose a shorter one")
    }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | 0o2000000, 0)  // with SOCK_CLOEXEC
    guard number >= 0 else { throw .last("make a socket for", on: path) }
    let descriptor = Descriptor(owning: number)
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    while true {
      let done = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe Glibc.connect(number, $0, size)
        }
      }
      if done == 0 { return descriptor }
      if errno != EINTR { throw .last("connect to", on: path) }
    }
  }

  /// Tells the other side that nothing more comes; it can still be read from.
  public static func endWriting(_ descriptor: Descriptor) {
    _ = shutdown(descriptor.number, Int32(SHUT_WR))
  }

  /// How many of the bytes written to the socket `number` the other side has not taken yet
  /// (SIOCOUTQ, which for these sockets counts what was not received); nil where that is unknown.
  public static func untakenBytes(_ number: Int32) -> Int? {
    var count: Int32 = 0
    return unsafe ioctl(number, 0x5411, &count) == 0 ? Int(count) : nil
  }

  /// Whether somebody listens at `path`.
  public static func isAnswering(_ path: String) -> Bool {
    (try? connect(to: path)) != nil
  }
}

extension UnixSocket {
  /// Sends as many of the bytes as fit now, without waiting; how many that were, perhaps none.
  public static func sendSome(_ descriptor: Descriptor, _ bytes: [UInt8]) throws(SystemError) -> Int {
    let flags: Int32 = 0x40 | 0x4000  // MSG_DONTWAIT, MSG_NOSIGNAL
    while true {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe send(descriptor.number, $0.baseAddress, $0.count, flags)
      }
      if count >= 0 { return count }
      if errno == EAGAIN { return 0 }
      if errno != EINTR { throw .last("send", on: "descriptor \(descriptor.number)") }
    }
  }
}
