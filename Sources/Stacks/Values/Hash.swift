/// The 64-bit FNV-1a hash: for names and marks and against damage, not for safety.
public func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
  bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}

/// That of a text's bytes.
public func fnv1a(_ text: String) -> UInt64 { fnv1a(text.utf8) }
