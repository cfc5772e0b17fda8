internal import CLinux
internal import Glibc

/// An open file descriptor that is closed when the last reference to it goes.
///
/// Every descriptor that Kernel opens has close-on-exec set.
public final class Descriptor: Sendable {
  /// The number, for calls that take one. It is valid as long as this object lives.
  public let number: Int32

  /// Takes over `number`: nobody else may close it.
  public init(owning number: Int32) { self.number = number }

  deinit { close(number) }

  /// A second descriptor for the same open file, close-on-exec.
  public func duplicate() throws(SystemError) -> Descriptor {
    let copy = cl_dupfd(number)
    guard copy >= 0 else { throw .last("duplicate the descriptor", on: "\(number)") }
    return Descriptor(owning: copy)
  }

  /// Reads at most `count` bytes; an empty array is the end. EINTR is retried.
  public func read(upTo count: Int) throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while true {
        let n = unsafe Glibc.read(number, buffer.baseAddress, count)
        if n >= 0 {
          filled = n
          return
        }
        if errno != EINTR {
          failure = .last("read", on: "descriptor \(number)")
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Reads to the end, or throws once there are more than `limit` bytes.
  public func readAll(limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let part = try read(upTo: all.isEmpty ? 16384 : 65536)
      if part.isEmpty { return all }
      all += part
      if all.count > limit {
        throw SystemError("read", on: "descriptor \(number)", code: EFBIG, hint: "more than \(limit) bytes")
      }
    }
  }

  /// Writes every byte, in as many calls as it takes.
  public func write(_ bytes: some Sequence<UInt8>) throws(SystemError) {
    let all = Array(bytes)
    var sent = 0
    while sent < all.count {
      let n = unsafe all.withUnsafeBytes { buffer in
        unsafe Glibc.write(number, buffer.baseAddress! + sent, all.count - sent)
      }
      if n < 0 {
        if errno == EINTR { continue }
        throw .last("write", on: "descriptor \(number)")
      }
      sent += n
    }
  }
}

extension Descriptor {
  /// Our own three; they are never closed.
  public static let standardInput = Descriptor(owning: 0)
  public static let standardOutput = Descriptor(owning: 1)
  public static let standardError = Descriptor(owning: 2)
}
