/// Reads an env file: `.env`, `--env-file`, and `env_file` of a service.
///
/// `KEY=VALUE` a line, `export` before it is dropped, `KEY: VALUE` is the same. Single quotes keep
/// all as it is; double quotes know `\n` and its like and variables; both may go over lines. Without
/// quotes a comment begins at ` #`. `KEY` alone takes the value from the environment, if any.
struct DotEnv {
  private let file: Int
  private var rest: ArraySlice<UInt8>
  private var line = 1
  private var lineStart: Int
  private var template: Interpolator
  private let inherited: (String) -> String?
  private var values: [String: String] = [:]

  /// What the file sets, by name.
  ///
  /// `lookup` gives the variables of its surroundings, which win over the file's own; `earlier` those
  /// of the files before it. With `isRaw` (`format: raw`) nothing is
  /// unquoted and no variable replaced.
  static func read(
    _ bytes: [UInt8], file: Int, isRaw: Bool = false, earlier: [String: String] = [:],
    lookup: @escaping (String) -> String?, findings: inout Findings
  ) -> [String: String] {
    guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else {
      findings.error(
        Position(file: file, line: 1, column: 1), "the env file is not UTF-8 text",
        fix: "save it with the encoding UTF-8")
      return [:]
    }
    var text = bytes[...]
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    if isRaw { return raw(text, file: file, lookup: lookup, findings: &findings) }
    var reader = DotEnv(file: file, text: text, lookup: lookup)
    reader.template.locals = earlier
    while reader.skipBlank() { reader.statement(&findings) }
    return reader.values
  }

  private init(file: Int, text: ArraySlice<UInt8>, lookup: @escaping (String) -> String?) {
    self.file = file
    rest = text
    lineStart = text.startIndex
    inherited = lookup
    template = Interpolator(lookup: lookup)
  }

  private var position: Position {
    let column = rest.startIndex < lineStart ? 1 : rest.startIndex - lineStart + 1
    return Position(file: file, line: line, column: column)
  }

  private mutating func advance(_ count: Int) {
    for _ in 0..<count {
      guard let byte = rest.popFirst() else { return }
      if byte == newline {
        line += 1
        lineStart = rest.startIndex
      }
    }
  }

  private mutating func skipSpaces() { advance(rest.prefix(while: isBlank).count) }
  private mutating func skipLine() { advance(rest.prefix { $0 != newline }.count) }

  /// Goes to the next statement; false at the end.
  private mutating func skipBlank() -> Bool {
    while let byte = rest.first {
      if byte == UInt8(ascii: "#") {
        skipLine()
      } else if byte == newline || isBlank(byte) {
        advance(1)
      } else {
        return true
      }
    }
    return false
  }

  private mutating func statement(_ findings: inout Findings) {
    if rest.starts(with: "export".utf8), let after = rest.dropFirst(6).first, isBlank(after) {
      advance(6)
      skipSpaces()
    }
    let start = position
    let nameBytes = rest.prefix { isAlphanumericByte($0) || $0 >= 0x80 || "_.-[]".utf8.contains($0) }
    let name = String(decoding: nameBytes, as: UTF8.self)
    advance(nameBytes.count)
    skipSpaces()
    let next = rest.first
    guard !name.isEmpty,
      next == nil || next == newline || next == UInt8(ascii: "=") || next == UInt8(ascii: ":")
    else {
      let shown = String(decoding: rest.prefix { $0 != newline }.prefix(40), as: UTF8.self)
      findings.error(
        start,
        name.isEmpty
          ? "\(quoted(shown)) is not a variable" : "a variable's name cannot be followed by \(quoted(shown))",
        fix: "write KEY=VALUE; comments begin with '#'")
      return skipLine()
    }
    guard next != nil, next != newline else {
      // `KEY` alone: from the environment, or not set at all.
      if let value = inherited(name) { set(name, value) }
      return
    }
    advance(1)
    skipSpaces()
    let at = position
    guard let text = value(&findings) else { return }
    if text.isLiteral {
      set(name, text.value)
    } else if let value = template.expand(text.value, at: at, &findings) {
      set(name, value)
    }
  }

  private mutating func set(_ name: String, _ value: String) {
    values[name] = value
    template.locals[name] = value
  }

  private mutating func value(_ findings: inout Findings) -> (value: String, isLiteral: Bool)? {
    guard let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      let whole = rest.prefix { $0 != newline }
      var end = whole.endIndex
      for i in whole.indices.dropLast()
      where whole[i] == UInt8(ascii: " ") && whole[i + 1] == UInt8(ascii: "#") {
        end = i
        break
      }
      var text = whole[..<end]
      while let last = text.last, isBlank(last) { text.removeLast() }
      advance(whole.count)
      return (String(decoding: text, as: UTF8.self), false)
    }
    let start = position
    advance(1)
    var bytes: [UInt8] = []
    while let byte = rest.first, byte != quote {
      if byte == UInt8(ascii: "\\"), let next = rest.dropFirst().first {
        // Only an escaped quote loses its backslash here.
        if next != quote { bytes.append(byte) }
        bytes.append(next)
        advance(2)
      } else {
        bytes.append(byte)
        advance(1)
      }
    }
    guard !rest.isEmpty else {
      findings.error(
        start, "a quoted value is not closed", fix: "end it with \(quote == UInt8(ascii: "'") ? "'" : "\"")")
      return nil
    }
    advance(1)
    skipSpaces()
    if let next = rest.first, next != newline, next != UInt8(ascii: "#") {
      findings.error(
        position, "text follows the closing quote", fix: "begin a comment with '#', or quote the whole value")
      skipLine()
    }
    let isLiteral = quote == UInt8(ascii: "'")
    return (String(decoding: isLiteral ? bytes : DotEnv.unescape(bytes), as: UTF8.self), isLiteral)
  }

  /// `\n` and its like, and `\0` with three octal digits; `\$` becomes `$$`, which the interpolation turns into a `$`.
  private static func unescape(_ bytes: [UInt8]) -> [UInt8] {
    let letters: [UInt8: UInt8] = [
      UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
      UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11,
      UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "\""): UInt8(ascii: "\""),
    ]
    var out: [UInt8] = []
    var i = 0
    while i < bytes.count {
      guard bytes[i] == UInt8(ascii: "\\"), i + 1 < bytes.count else {
        out.append(bytes[i])
        i += 1
        continue
      }
      let next = bytes[i + 1]
      if next == UInt8(ascii: "$") {
        out += "$$".utf8
      } else if let letter = letters[next] {
        out.append(letter)
      } else if next == UInt8(ascii: "0"), let code = octal(bytes[(i + 2)...].prefix(3)) {
        out += String(Character(Unicode.Scalar(code))).utf8
        i += 3
      } else {
        out += [bytes[i], next]
      }
      i += 2
    }
    return out
  }

  /// Three octal digits up to 377; nil for anything else.
  private static func octal(_ digits: ArraySlice<UInt8>) -> UInt8? {
    digits.count == 3 ? UInt8(String(decoding: digits, as: UTF8.self), radix: 8) : nil
  }

  private static func raw(
    _ text: ArraySlice<UInt8>, file: Int, lookup: (String) -> String?, findings: inout Findings
  ) -> [String: String] {
    var values: [String: String] = [:]
    for (number, whole) in text.split(separator: newline, omittingEmptySubsequences: false).enumerated() {
      var line = whole.drop(while: isBlank)
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      guard let first = line.first, first != UInt8(ascii: "#") else { continue }
      let name = line.prefix { $0 != UInt8(ascii: "=") }
      guard !name.isEmpty, !name.contains(where: isBlank) else {
        let at = Position(file: file, line: number + 1, column: line.startIndex - whole.startIndex + 1)
        findings.error(at, "a variable's name cannot be empty or contain spaces", fix: "write KEY=VALUE")
        continue
      }
      let key = String(decoding: name, as: UTF8.self)
      if name.endIndex == line.endIndex {
        if let value = lookup(key) { values[key] = value }
      } else {
        values[key] = String(decoding: line[(name.endIndex + 1)...], as: UTF8.self)
      }
    }
    return values
  }
}

private let newline = UInt8(ascii: "\n")

private func isBlank(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || (11...13).contains(byte)
}
