public import Stacks

/// One line of a container's log, or a part of one.
public struct LogEntry: Hashable, Sendable {
  public var time: Moment
  public var stream: OutputChunk.Stream
  /// Without the line feed.
  public var bytes: [UInt8]
  /// No line feed followed: the line was longer than 16 KiB, or the output ended in it.
  public var isPartial: Bool

  public init(time: Moment, stream: OutputChunk.Stream, bytes: [UInt8], isPartial: Bool = false) {
    self.time = time
    self.stream = stream
    self.bytes = bytes
    self.isPartial = isPartial
  }

  /// The bytes as text; those that are not UTF-8 become U+FFFD.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// From one line of the log file without its line feed (the Kubernetes CRI form:
  /// `TIME STREAM F|P TEXT`); nil: it is not one.
  init?(line: some Collection<UInt8>) {
    let line = Array(line)
    guard line.count >= 30, let time = LogTime.parse(line[..<30]) else { return nil }
    let rest = line[30...]
    let space = UInt8(ascii: " ")
    guard rest.first == space, let afterStream = rest.dropFirst().firstIndex(of: space),
      let stream = OutputChunk.Stream(rawValue: String(decoding: rest[31..<afterStream], as: UTF8.self)),
      afterStream + 2 < line.count, line[afterStream + 2] == space
    else { return nil }
    switch line[afterStream + 1] {
    case UInt8(ascii: "F"): isPartial = false
    case UInt8(ascii: "P"): isPartial = true
    default: return nil
    }
    self.time = time
    self.stream = stream
    bytes = Array(line[(afterStream + 3)...])
  }
}

/// Times as the log has them: `2026-01-02T03:04:05.000000000Z`, always 30 bytes.
enum LogTime {
  static func parse(_ text: ArraySlice<UInt8>) -> Moment? {
    let form = Array("0000-00-00T00:00:00.000000000Z".utf8)
    guard text.count == form.count else { return nil }
    for (byte, wanted) in zip(text, form) {
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      guard wanted == UInt8(ascii: "0") ? isDigit : byte == wanted else { return nil }
    }
    func number(_ range: Range<Int>) -> Int64 {
      range.reduce(0) { $0 * 10 + Int64(text[text.startIndex + $1] - UInt8(ascii: "0")) }
    }
    let month = number(5..<7)
    guard (1...12).contains(month) else { return nil }
    let day = CalendarDay(year: Int(number(0..<4)), month: Int(month), day: Int(number(8..<10)))
    let seconds = Int64(day.number) * 86400 + number(11..<13) * 3600 + number(14..<16) * 60 + number(17..<19)
    return Moment(nanoseconds: seconds * 1_000_000_000 + number(20..<29))
  }
}
