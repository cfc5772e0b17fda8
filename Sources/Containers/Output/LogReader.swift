internal import Kernel

/// Reads a log file line by line, as far as whole lines are there.
struct LogReader {
  let file: Descriptor
  private var offset: UInt64 = 0
  private var buffer: [UInt8] = []
  private var position = 0
  private static let chunk = 64 << 10

  init(file: Descriptor) { self.file = file }

  /// The next line; nil: no whole line is there now. What is no line of a log (a torn write) is passed
  /// over.
  mutating func next() throws(SystemError) -> LogEntry? {
    while true {
      if let end = buffer[position...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { position = end + 1 }
        if let entry = LogEntry(line: buffer[position..<end]) { return entry }
        continue
      }
      buffer.removeFirst(position)
      position = 0
      let more = try file.read(upTo: Self.chunk, at: offset)
      if more.isEmpty { return nil }
      offset += UInt64(more.count)
      buffer += more
    }
  }

  /// Goes to where only the last `count` lines are left, reading backwards. Gives how many lines of
  /// `count` the file does not have.
  mutating func skipToLast(_ count: Int) throws(SystemError) -> Int {
    var end = try file.size()
    offset = end
    guard count > 0 else { return 0 }
    var left = count
    // The last line's own line feed does not count.
    var isFirst = true
    while end > 0 {
      let start = end > UInt64(Self.chunk) ? end - UInt64(Self.chunk) : 0
      let part = try file.read(upTo: Int(end - start), at: start)
      for index in part.indices.reversed() where part[index] == UInt8(ascii: "\n") {
        if isFirst && start + UInt64(index) + 1 == offset {
          isFirst = false
          continue
        }
        left -= 1
        if left == 0 {
          offset = start + UInt64(index) + 1
          return 0
        }
      }
      isFirst = false
      end = start
    }
    let hasNoLine = offset == 0
    offset = 0
    // What is before the first line feed is a line too.
    return hasNoLine ? left : left - 1
  }
}
