/// Colours of text on a terminal (ECMA-48, SGR).
enum Style: Int {
  case bold = 1
  case red = 31
  case green = 32
  case yellow = 33
  case blue = 34
  case magenta = 35
  case cyan = 36

  func paint(_ text: String, if isWanted: Bool) -> String {
    isWanted ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
  }

  /// What names before log lines take in turn.
  static let rotation: [Style] = [.cyan, .yellow, .green, .magenta, .blue]
}

/// The number of columns that a text takes on a terminal: wide characters (East Asian, emoji) take
/// two, combining ones none.
func columns(of text: String) -> Int {
  text.unicodeScalars.reduce(0) { sum, scalar in
    switch scalar.value {
    case 0x300...0x36F, 0x200B...0x200F, 0xFE00...0xFE0F: sum
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      sum + 2
    default: sum + 1
    }
  }
}

/// The text with spaces behind it, up to a number of columns.
func padded(_ text: String, to width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - columns(of: text)))
}

/// The beginning of the text that fits, with `…` where something was cut off.
func shortened(_ text: String, to width: Int) -> String {
  guard columns(of: text) > width else { return text }
  var short = ""
  for character in text {
    if columns(of: short) + columns(of: String(character)) > width - 1 { break }
    short.append(character)
  }
  return short + "…"
}
