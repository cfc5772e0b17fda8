import Crypto
import Stacks

/// SHA-256 over bytes as they pass.
final class ContentHash {
  private var state = SHA256()
  /// Bytes so far.
  private(set) var count: Int64 = 0

  func update(_ bytes: [UInt8]) {
    state.update(data: bytes)
    count += Int64(bytes.count)
  }

  /// The digest of what has passed so far.
  var digest: Stacks.Digest {
    let digits = Array("0123456789abcdef".utf8)
    let hex = state.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return Stacks.Digest("sha256:" + String(decoding: hex, as: UTF8.self))!
  }

  static func digest(of bytes: [UInt8]) -> Stacks.Digest {
    let hash = ContentHash()
    hash.update(bytes)
    return hash.digest
  }
}
