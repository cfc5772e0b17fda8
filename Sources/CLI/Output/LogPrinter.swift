import EngineInterface

/// One line of a container's output.
struct LogText: Hashable {
  var stream: OutputStream
  /// RFC 3339 with nine decimals, so that times compare as text; empty where it is not known.
  var time: String
  /// Without its line feed.
  var bytes: [UInt8]
}

/// Puts the container's name before each line, in columns and colours.
struct LogPrinter {
  var hasPrefix = true
  var hasColors = false
  var showsTimes = false
  private var names: [String] = []

  init(hasPrefix: Bool = true, hasColors: Bool = false, showsTimes: Bool = false) {
    self.hasPrefix = hasPrefix
    self.hasColors = hasColors
    self.showsTimes = showsTimes
  }

  /// Makes room for the name, and gives it a colour that stays.
  mutating func add(_ name: String) {
    if !names.contains(name) { names.append(name) }
  }

  func line(_ name: String, _ line: LogText) -> [UInt8] {
    var bytes = Array(prefix(name).utf8)
    if showsTimes, !line.time.isEmpty { bytes += Array((line.time + " ").utf8) }
    return bytes + line.bytes + [UInt8(ascii: "\n")]
  }

  private func prefix(_ name: String) -> String {
    guard hasPrefix else { return "" }
    let width = names.map { columns(of: $0) }.max() ?? 0
    let style = Style.rotation[(names.firstIndex(of: name) ?? 0) % Style.rotation.count]
    return style.paint(padded(name, to: width) + "  | ", if: hasColors)
  }
}

/// Lines on their way out: many go in one write, in their order over both streams.
struct LogOutput {
  private let console: Console
  private var stream = OutputStream.stdout
  private var pending: [UInt8] = []

  init(_ console: Console) { self.console = console }

  mutating func add(_ bytes: [UInt8], to stream: OutputStream) {
    if stream != self.stream || pending.count > 65536 { flush() }
    self.stream = stream
    pending += bytes
  }

  mutating func flush() {
    if !pending.isEmpty { console.write(pending, to: stream == .stdout ? .output : .error) }
    pending = []
  }
}
