/// Writes tar archives byte by byte, those included that no sane program would write.
struct TarWriter {
  private(set) var bytes: [UInt8] = []

  /// One header and its data, as they are. `size` and `checksum` lie where they are given.
  mutating func add(
    _ path: String, type: Character = "0", body: [UInt8] = [], mode: Int = 0o644, uid: Int64 = 0,
    gid: Int64 = 0, mtime: Int64 = 1_700_000_000, link: String = "", major: Int = 0, minor: Int = 0,
    size: Int64? = nil, checksum: Int? = nil, magic: String = "ustar\u{0}00"
  ) {
    add(
      Array(path.utf8), type: type, body: body, mode: mode, uid: uid, gid: gid, mtime: mtime,
      link: Array(link.utf8), major: major, minor: minor, size: size, checksum: checksum, magic: magic)
  }

  mutating func add(
    _ path: [UInt8], type: Character, body: [UInt8] = [], mode: Int = 0o644, uid: Int64 = 0,
    gid: Int64 = 0, mtime: Int64 = 1_700_000_000, link: [UInt8] = [], major: Int = 0, minor: Int = 0,
    size: Int64? = nil, checksum: Int? = nil, magic: String = "ustar\u{0}00"
  ) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ value: [UInt8], at offset: Int, width: Int) {
      for (n, byte) in value.prefix(width).enumerated() { header[offset + n] = byte }
    }
    put(path, at: 0, width: 100)
    put(TarWriter.number(Int64(mode), 8), at: 100, width: 8)
    put(TarWriter.number(uid, 8), at: 108, width: 8)
    put(TarWriter.number(gid, 8), at: 116, width: 8)
    put(TarWriter.number(size ?? Int64(body.count), 12), at: 124, width: 12)
    put(TarWriter.number(mtime, 12), at: 136, width: 12)
    put(Array(repeating: 32, count: 8), at: 148, width: 8)
    header[156] = type.asciiValue!
    put(link, at: 157, width: 100)
    put(Array(magic.utf8), at: 257, width: 8)
    put(TarWriter.number(Int64(major), 8), at: 329, width: 8)
    put(TarWriter.number(Int64(minor), 8), at: 337, width: 8)
    let sum = checksum ?? header.reduce(0) { $0 + Int($1) }
    put(Array((TarWriter.octal(Int64(sum), 6) + "\u{0} ").utf8), at: 148, width: 8)
    bytes += header
    pad(body)
  }

  mutating func directory(_ path: String, mode: Int = 0o755) { add(path, type: "5", mode: mode) }
  mutating func file(_ path: String, _ text: String = "") { add(path, body: Array(text.utf8)) }
  mutating func symlink(_ path: String, to target: String) {
    // A target that does not fit the header goes where pax keeps it.
    if target.utf8.count > 100 { pax([("linkpath", target)]) }
    add(path, type: "2", mode: 0o777, link: target)
  }
  mutating func hardlink(_ path: String, to target: String) { add(path, type: "1", link: target) }

  /// A pax header (POSIX.1-2001) for the entry that follows; `type` "g" for all that follow.
  mutating func pax(_ records: [(String, [UInt8])], type: Character = "x") {
    var body: [UInt8] = []
    for (key, value) in records {
      let rest = Array(" \(key)=".utf8) + value + [10]
      var length = rest.count
      while "\(length)".utf8.count + rest.count != length { length = "\(length)".utf8.count + rest.count }
      body += Array("\(length)".utf8) + rest
    }
    add("PaxHeaders/x", type: type, body: body)
  }

  mutating func pax(_ records: [(String, String)], type: Character = "x") {
    pax(records.map { ($0.0, Array($0.1.utf8)) }, type: type)
  }

  /// GNU's long name ("L") or long link target ("K") for the entry that follows.
  mutating func gnuLong(_ type: Character, _ text: String) {
    add("././@LongLink", type: type, body: Array(text.utf8) + [0], magic: "ustar  \u{0}")
  }

  mutating func raw(_ more: [UInt8]) { bytes += more }

  /// The archive with the two blocks of zeros at its end.
  var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

  private mutating func pad(_ body: [UInt8]) {
    bytes += body
    bytes += [UInt8](repeating: 0, count: (512 - body.count % 512) % 512)
  }

  private static func octal(_ value: Int64, _ width: Int) -> String {
    let text = String(value, radix: 8)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }

  /// Octal with a zero behind it, or base 256 (GNU) where that does not hold the value.
  private static func number(_ value: Int64, _ width: Int) -> [UInt8] {
    if value >= 0, String(value, radix: 8).count < width { return Array(octal(value, width - 1).utf8) + [0] }
    var field = [UInt8](repeating: value < 0 ? 0xff : 0, count: width)
    for n in 0..<min(8, width) { field[width - 1 - n] = UInt8(truncatingIfNeeded: value >> (8 * n)) }
    field[0] = value < 0 ? 0xff : field[0] | 0x80
    return field
  }
}

/// An archive from what `fill` writes.
func tar(_ fill: (inout TarWriter) -> Void) -> [UInt8] {
  var writer = TarWriter()
  fill(&writer)
  return writer.finished
}
