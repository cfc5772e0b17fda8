import EngineInterface

/// Progress as text.
extension ProgressModel {
  /// The lines for a terminal: a heading and one line an entry, none longer than `width` columns and no
  /// more than `height` lines; of more entries those that are at work are kept first, then the last.
  func lines(width: Int, height: Int, now: Int64, colors: Bool) -> [String] {
    let done = entries.count { $0.state == .done }
    let isOver = outcome != nil
    let heading = "[+] Running \(done)/\(entries.count)"
    var shown = Array(entries.indices)
    let room = max(1, height - 2)
    if shown.count > room, !isOver {
      let busy = shown.filter { entries[$0].state != .done }
      let rest = shown.filter { entries[$0].state == .done }
      shown = (busy.prefix(room) + rest.suffix(max(0, room - busy.count))).sorted()
    }
    let titles = shown.map { columns(of: entries[$0].title) }.max() ?? 0
    let lines = shown.map { index in line(entries[index], titles, width, now, colors) }
    return [Style.blue.paint(shortened(heading, to: width), if: colors && isOver)] + lines
  }

  private func line(_ entry: Entry, _ titles: Int, _ width: Int, _ now: Int64, _ colors: Bool) -> String {
    let sign: String
    let style: Style
    var word = entry.word
    switch entry.state {
    case .working: (sign, style) = (Self.spinner(now), .blue)
    case .waiting(let reason):
      (sign, style) = (Self.spinner(now), .yellow)
      word += ": " + reason
    case .done: (sign, style) = ("✔", .green)
    case .failed: (sign, style) = ("✘", .red)
    }
    let time = Self.seconds((entry.end ?? now) - entry.begin)
    // Sign, title and time stay; the word gives way, and then the title.
    let room = width - 3 - columns(of: time) - 1
    let title = shortened(padded(entry.title, to: min(titles, room)), to: room)
    let left = room - columns(of: title) - 2
    let middle =
      left > 1
      ? "  " + padded(shortened(word, to: left), to: left) : String(repeating: " ", count: max(0, left + 2))
    return " " + style.paint(sign, if: colors) + " " + title
      + (left > 1 ? style.paint(middle, if: colors) : middle) + " " + Style.blue.paint(time, if: colors)
  }

  /// `0.3s`.
  static func seconds(_ nanoseconds: Int64) -> String {
    let tenths = (max(0, nanoseconds) + 50_000_000) / 100_000_000
    return "\(tenths / 10).\(tenths % 10)s"
  }

  private static let frames = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

  private static func spinner(_ now: Int64) -> String {
    String(frames[Int((now / 100_000_000) % Int64(frames.count))])
  }

  /// The line for each event where there is no terminal; nil: none.
  static func plain(_ progress: Progress) -> String? {
    switch progress {
    case .began(let task): " \(title(task))  \(words(task.verb).during)"
    case .ended(let task, let seconds):
      " \(title(task))  \(words(task.verb).after)  \(Self.seconds(Int64(seconds * 1e9)))"
    case .failed(let task, let message): " \(title(task))  Error: \(message)"
    case .waiting(let container, let reason): " Container \(container)  Waiting: \(reason)"
    case .warning(let text): "warning: \(text)"
    case .finished: nil
    }
  }
}
