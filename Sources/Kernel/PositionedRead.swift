internal import CLinux
internal import Glibc

extension Descriptor {
  /// Reads at most `count` bytes from `offset` on, leaving the file's own position alone; fewer only at
  /// the end of the file (pread(2)).
  public func read(upTo count: Int, at offset: UInt64) throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let n = unsafe pread(
          number, buffer.baseAddress! + filled, count - filled, off_t(offset) + off_t(filled))
        if n > 0 {
          filled += n
        } else if n == 0 {
          return
        } else if errno != EINTR {
          failure = .last("read", on: "descriptor \(number)")
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The size of the open file in bytes.
  public func size() throws(SystemError) -> UInt64 {
    var info = stat()
    guard unsafe fstat(number, &info) == 0 else { throw .last("stat", on: "descriptor \(number)") }
    return UInt64(info.st_size)
  }
}
