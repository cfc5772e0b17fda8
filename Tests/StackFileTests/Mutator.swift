/// A stream of numbers that a seed decides (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Changes files a little: bytes, what means something to YAML or to the loader, whole lines, and
/// pieces of other files.
struct Mutator {
  var random: SeededRandom
  let seeds: [[UInt8]]

  private static let pieces: [[UInt8]] = [
    "$", "${", "}", "${A:-", "${A:?", "*a", "&a ", "<<: ", "<<: *a\n", "!x ", "!reset ", "!override ", "- ",
    ": ",
    "\"", "'", "[", "{", "]", "\t", "\0", "\u{FEFF}", "-1", "9999999999999999999999", "|", ">", "#", "---\n",
    "null",
    ":", "é", "\r\n", "~", "1e999", "0-0", "/", "extends: web\n", "include: [b.yaml]\n", "services:", "x-a: ",
    "0x", "1_0", "2024-01-01", ".inf", "\u{85}", "\u{2028}", "[[[[[[[[", "{a: {a: {a: ",
  ].map { Array($0.utf8) }

  /// A file that is near one of the seeds.
  mutating func next() -> [UInt8] {
    var bytes = seeds.randomElement(using: &random) ?? []
    for _ in 0...Int.random(in: 0..<5, using: &random) { change(&bytes) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let at = Int.random(in: 0...bytes.count, using: &random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1: bytes.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: at)
    case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
    case 3: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 0..<12, using: &random)))
    case 4:
      let other = seeds.randomElement(using: &random) ?? []
      guard !other.isEmpty else { return }
      let start = Int.random(in: 0..<other.count, using: &random)
      bytes.insert(contentsOf: other[start..<min(other.count, start + 40)], at: at)
    case 5: if at < bytes.count { bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
    default: changeLines(&bytes)
    }
  }

  /// Doubles, swaps, indents or drops a line.
  private mutating func changeLines(_ bytes: inout [UInt8]) {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let (i, j) = (
      lines.indices.randomElement(using: &random) ?? 0, lines.indices.randomElement(using: &random) ?? 0
    )
    switch Int.random(in: 0..<4, using: &random) {
    case 0: lines.insert(lines[i], at: j)
    case 1: lines.swapAt(i, j)
    case 2: lines[i] = ArraySlice("  ".utf8) + lines[i]
    default: lines.remove(at: i)
    }
    bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
  }
}
