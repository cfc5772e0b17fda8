extension String {
  /// Whether the scalar occurs in it. A text may have megabytes: this is the fastest safe way to look.
  func has(_ scalar: Unicode.Scalar) -> Bool { unicodeScalars.contains(scalar) }
}

extension [UInt8] {
  /// Where the byte occurs first at or after `start`; nil where it does not.
  func index(of byte: Unicode.Scalar, from start: Int) -> Int? {
    guard start < count else { return nil }
    return self[start...].firstIndex(of: UInt8(ascii: byte))
  }
}
