/// Block devices: counted, not limited.
enum IOController {
  /// `io.stat`: a line for each device, `8:0 rbytes=1 wbytes=2 rios=…`.
  static func version2(_ text: String) -> (read: UInt64, written: UInt64) {
    var sums: (read: UInt64, written: UInt64) = (0, 0)
    for field in text.split(whereSeparator: \.isWhitespace) {
      if field.hasPrefix("rbytes=") { sums.read += UInt64(field.dropFirst(7)) ?? 0 }
      if field.hasPrefix("wbytes=") { sums.written += UInt64(field.dropFirst(7)) ?? 0 }
    }
    return sums
  }

  /// `blkio.throttle.io_service_bytes`: `8:0 Read 1`, `8:0 Write 2`, …, `Total 3`.
  static func version1(_ text: String) -> (read: UInt64, written: UInt64) {
    var sums: (read: UInt64, written: UInt64) = (0, 0)
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count == 3, let bytes = UInt64(fields[2]) else { continue }
      if fields[1] == "Read" { sums.read += bytes }
      if fields[1] == "Write" { sums.written += bytes }
    }
    return sums
  }
}
