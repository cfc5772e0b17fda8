internal import Glibc

extension String {
  /// Whether the byte occurs in it: a scalar may have megabytes, and this looks at them at the speed
  /// of memchr(3).
  func has(_ byte: Unicode.Scalar) -> Bool {
    var copy = self
    return copy.withUTF8 { bytes in
      guard let base = bytes.baseAddress else { return false }
      return unsafe memchr(base, Int32(byte.value), bytes.count) != nil
    }
  }
}

extension [UInt8] {
  /// Where the byte occurs first at or after `start`; nil where it does not.
  func index(of byte: Unicode.Scalar, from start: Int) -> Int? {
    guard start < count else { return nil }
    return unsafe withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress,
        let found = unsafe memchr(base + start, Int32(byte.value), bytes.count - start)
      else { return nil }
      return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
  }
}
