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
