import EngineInterface
import Kernel

/// Shows progress on standard error, in lines that are drawn again and again, or one line an event.
final class ProgressView {
  /// How often the lines are drawn again where nothing happens, in milliseconds.
  static let interval = 100

  private let console: Console
  private let isLive: Bool
  private let isQuiet: Bool
  private var drawnLines = 0
  private(set) var model = ProgressModel()

  init(_ console: Console, _ style: ProgressStyle) {
    self.console = console
    isLive = style == .tty || style == .auto && console.hasErrorTerminal && console.hasErrorColors
    isQuiet = style == .quiet
  }

  /// How long to wait for an event before `redraw`; nil: as long as it takes.
  var patience: Int? { isLive ? Self.interval : nil }

  func show(_ progress: Progress) {
    model.apply(progress, at: Clocks.monotonic())
    if isQuiet { return }
    if isLive {
      redraw()
      if case .finished = progress {
        for warning in model.warnings {
          console.complain(Style.yellow.paint("warning:", if: true) + " " + warning)
        }
        for failure in model.failures {
          console.complain(Style.red.paint("error:", if: true) + " " + failure)
        }
      }
    } else if let line = ProgressModel.plain(progress) {
      console.complain(line)
    }
  }

  /// Draws the lines over those of the last time.
  func redraw() {
    guard isLive, !model.entries.isEmpty else { return }
    let size = Terminal.size(2) ?? Terminal.Size(rows: 24, columns: 80)
    let lines = model.lines(
      width: Int(size.columns), height: Int(size.rows), now: Clocks.monotonic(),
      colors: console.hasErrorColors)
    console.write(Self.drawing(lines, over: drawnLines), to: .error)
    drawnLines = lines.count
  }

  /// What puts `lines` where `before` lines were: up, then each line with the rest of it erased, then
  /// whatever was below erased. The cursor is hidden meanwhile.
  static func drawing(_ lines: [String], over before: Int) -> String {
    var text = "\u{1B}[?25l"
    if before > 0 { text += "\u{1B}[\(before)A" }
    for line in lines { text += line + "\u{1B}[K\n" }
    return text + "\u{1B}[J\u{1B}[?25h"
  }
}
