import EngineInterface
import Kernel
import Wire

/// The output of one container, as it comes, in lines.
final class LogSource {
  let container: ListedContainer
  private let connection: HTTPConnection
  /// nil: the container has a terminal, so that there is one stream without frames.
  private var frames: StreamFrame.Decoder?
  private var unfinished: [OutputStream: ByteQueue] = [:]
  /// When the last line was written; empty where there was none.
  private(set) var lastTime = ""

  /// The parameters of the request besides `follow`.
  struct Part {
    var tail: String?
    /// In seconds since the epoch, with decimals.
    var since: String?
    var until: String?
  }

  init(
    _ client: EngineClient, _ container: ListedContainer, follows: Bool, _ part: Part
  ) throws(CLIError) {
    self.container = container
    connection = try client.connect()
    var target = "/containers/\(container.id)/logs?stdout=1&stderr=1&timestamps=1"
    if follows { target += "&follow=1" }
    if let tail = part.tail { target += "&tail=\(percentEncoded(tail))" }
    if let since = part.since { target += "&since=\(percentEncoded(since))" }
    if let until = part.until { target += "&until=\(percentEncoded(until))" }
    try connection.request("GET", target)
    try connection.expectSuccess()
    let kind = connection.head.fields["Content-Type"] ?? ""
    if kind.contains("multiplexed") { frames = StreamFrame.Decoder() }
  }

  /// For `Poll`.
  var number: Int32 { connection.descriptor.number }
  var hasBuffered: Bool { connection.hasBuffered }

  /// The lines that have come, and whether that was all; blocks where nothing has.
  func arrived() throws(CLIError) -> (lines: [LogText], isDone: Bool) {
    let (pieces, isDone) = try connection.arrived()
    var lines: [LogText] = []
    for piece in pieces {
      for chunk in try chunks(piece) {
        unfinished[chunk.stream, default: ByteQueue()].append(chunk.bytes)
        while let line = unfinished[chunk.stream]?.takeLine() {
          lines.append(text(chunk.stream, line.dropLast()))
        }
      }
    }
    if isDone {
      for stream in [OutputStream.stdout, .stderr] {
        let rest = unfinished[stream]?.takeAll() ?? []
        if !rest.isEmpty { lines.append(text(stream, rest[...])) }
      }
    }
    return (lines, isDone)
  }

  private func chunks(_ bytes: [UInt8]) throws(CLIError) -> [OutputChunk] {
    guard frames != nil else { return [OutputChunk(stream: .stdout, bytes: bytes)] }
    do throws(APIError) { return try frames?.feed(bytes) ?? [] } catch {
      throw CLIError("read the log of \(container.name): \(error)")
    }
  }

  /// Takes the time off the line.
  private func text(_ stream: OutputStream, _ line: ArraySlice<UInt8>) -> LogText {
    var line = line
    // Behind a terminal lines end with CR LF.
    if frames == nil, line.last == UInt8(ascii: "\r") { line = line.dropLast() }
    guard let space = line.firstIndex(of: UInt8(ascii: " ")), space - line.startIndex == 30 else {
      return LogText(stream: stream, time: "", bytes: Array(line))
    }
    lastTime = String(decoding: line[..<space], as: UTF8.self)
    return LogText(stream: stream, time: lastTime, bytes: Array(line[(space + 1)...]))
  }
}

/// Lines of several logs that are complete, in the order of their times.
struct LogMerge {
  private var sources: [(source: LogSource, lines: ArraySlice<LogText>, isDone: Bool)]

  init(_ sources: [LogSource]) { self.sources = sources.map { ($0, [], false) } }

  mutating func next() throws(CLIError) -> (LogSource, LogText)? {
    for index in sources.indices {
      while sources[index].lines.isEmpty, !sources[index].isDone {
        let (lines, isDone) = try sources[index].source.arrived()
        sources[index].lines += lines
        sources[index].isDone = isDone
      }
    }
    let waiting = sources.indices.filter { !sources[$0].lines.isEmpty }
    guard let first = waiting.min(by: { sources[$0].lines.first!.time < sources[$1].lines.first!.time })
    else {
      return nil
    }
    return (sources[first].source, sources[first].lines.removeFirst())
  }
}
