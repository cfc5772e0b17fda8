import Kernel

/// Standard output and standard error, and what they can show.
struct Console {
  enum Stream { case output, error }

  /// Whether escape sequences may be written to each.
  var hasOutputColors: Bool
  var hasErrorColors: Bool
  /// Whether standard error is a terminal, or is to be treated as one.
  var hasErrorTerminal: Bool
  private let sink: (Stream, [UInt8]) -> Void

  init(
    hasOutputColors: Bool = false, hasErrorColors: Bool = false, hasErrorTerminal: Bool = false,
    sink: @escaping (Stream, [UInt8]) -> Void
  ) {
    self.hasOutputColors = hasOutputColors
    self.hasErrorColors = hasErrorColors
    self.hasErrorTerminal = hasErrorTerminal
    self.sink = sink
  }

  /// The program's own, colourless.
  static var standard: Console {
    Console { stream, bytes in
      let descriptor = stream == .output ? Descriptor.standardOutput : Descriptor.standardError
      do throws(SystemError) { try descriptor.write(bytes) } catch {
        // Whoever read our output has gone, as after `cairn logs | head`: so do we, without a word.
        ThisProcess.end(status: 141)
      }
    }
  }

  /// With colours and cursor movement as `ansi` says.
  func with(ansi: Ansi) -> Console {
    var console = self
    let isDumb = ThisProcess.environment("TERM") == "dumb" || ThisProcess.environment("NO_COLOR") != nil
    func allows(_ number: Int32) -> Bool {
      switch ansi {
      case .always: true
      case .never: false
      case .auto: Terminal.isTerminal(number) && !isDumb
      }
    }
    console.hasOutputColors = allows(1)
    console.hasErrorColors = allows(2)
    console.hasErrorTerminal = Terminal.isTerminal(2)
    return console
  }

  func write(_ text: String, to stream: Stream = .output) { sink(stream, Array(text.utf8)) }
  func write(_ bytes: [UInt8], to stream: Stream = .output) { sink(stream, bytes) }
  /// A line on standard error.
  func complain(_ text: String) { sink(.error, Array((text + "\n").utf8)) }
}
