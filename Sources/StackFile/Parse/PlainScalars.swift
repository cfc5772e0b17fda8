/// What a plain (unquoted) scalar is: YAML 1.2 with the additions of Docker Compose's reader, which
/// are octal by a leading 0, `0b`, underscores between digits, and dates.
///
/// So `yes`, `no`, `on`, `off`, `22:22` are strings and `0123` is 83.
enum PlainScalars {
  static func resolve(_ text: String) -> Scalar {
    let bytes = text.utf8
    guard let first = bytes.first else { return .null }
    if let word = words[text] { return word }
    guard bytes.count <= 64, isDigit(first) || "+-.".utf8.contains(first) else { return .string(text) }
    if let time = Timestamps.resolve(text) { return .time(time) }
    let digits = text.replacing("_")
    if let whole = whole(digits) { return whole }
    if isDecimal(Array(digits.utf8)), let value = Double(digits) { return .float(value) }
    return .string(text)
  }

  private static let words: [String: Scalar] = [
    "~": .null, "null": .null, "Null": .null, "NULL": .null,
    "true": .bool(true), "True": .bool(true), "TRUE": .bool(true),
    "false": .bool(false), "False": .bool(false), "FALSE": .bool(false),
    ".inf": .float(.infinity), ".Inf": .float(.infinity), ".INF": .float(.infinity),
    "+.inf": .float(.infinity), "-.inf": .float(-.infinity), "-.Inf": .float(-.infinity),
    "-.INF": .float(-.infinity), ".nan": .float(.nan), ".NaN": .float(.nan), ".NAN": .float(.nan),
  ]

  /// `[+-]` and digits in base 10, or after `0x`, `0o`, `0b` or `0` in base 16, 8, 2 or 8.
  private static func whole(_ text: String) -> Scalar? {
    var rest = Substring(text)
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest.removeFirst() }
    guard rest.utf8.first.map(isDigit) == true else { return nil }
    var base = 10
    let prefix = rest.prefix(2).lowercased()
    if let known = ["0x": 16, "0o": 8, "0b": 2][prefix] {
      base = known
      rest.removeFirst(2)
    } else if rest.count > 1, rest.first == "0" {
      base = 8
      rest.removeFirst()
    }
    // A second sign would be accepted by the number parser.
    guard rest.utf8.first.map({ isAlphanumericByte($0) }) == true,
      let magnitude = UInt64(rest, radix: base)
    else { return nil }
    if isNegative {
      if magnitude == UInt64(Int64.max) + 1 { return .int(.min) }
      return Int64(exactly: magnitude).map { .int(-$0) }
    }
    return Int64(exactly: magnitude).map { .int($0) } ?? .big(magnitude)
  }

  /// `[+-]` (digits `[.` digits`]` | `.` digits) `[e[+-]` digits`]`.
  private static func isDecimal(_ bytes: [UInt8]) -> Bool {
    var i = 0
    func skipDigits() -> Int {
      let start = i
      while i < bytes.count, isDigit(bytes[i]) { i += 1 }
      return i - start
    }
    if i < bytes.count, bytes[i] == UInt8(ascii: "+") || bytes[i] == UInt8(ascii: "-") { i += 1 }
    let before = skipDigits()
    var after = 0
    if i < bytes.count, bytes[i] == UInt8(ascii: ".") {
      i += 1
      after = skipDigits()
    }
    guard before + after > 0 else { return false }
    if i < bytes.count, bytes[i] | 32 == UInt8(ascii: "e") {
      i += 1
      if i < bytes.count, bytes[i] == UInt8(ascii: "+") || bytes[i] == UInt8(ascii: "-") { i += 1 }
      guard skipDigits() > 0 else { return false }
    }
    return i == bytes.count
  }
}

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

func isAlphanumericByte(_ byte: UInt8) -> Bool {
  isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 32)
}

extension String {
  /// Without any of that character.
  fileprivate func replacing(_ unwanted: Character) -> String {
    contains(unwanted) ? String(filter { $0 != unwanted }) : self
  }
}

/// A float as Go prints it with `%v`, which is what Docker Compose makes of `1e3` in `environment`.
/// From `10^limit` on it has an exponent; JSON has one only from 10^21 on.
func goText(of value: Double, exponentFrom limit: Int = 6) -> String {
  if value.isNaN { return "NaN" }
  if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
  if value == 0 { return value.sign == .minus ? "-0" : "0" }
  // The shortest digits that give the number back, and where its point is.
  let parts = value.magnitude.description.split(separator: "e")
  let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
  var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + mantissa[0].count - 1
  var digits = Substring(mantissa.joined())
  while digits.first == "0", digits.count > 1 {
    digits.removeFirst()
    exponent -= 1
  }
  while digits.last == "0", digits.count > 1 { digits.removeLast() }
  let sign = value < 0 ? "-" : ""
  if exponent < -4 || exponent >= limit {
    let tail = digits.count > 1 ? "." + digits.dropFirst() : ""
    let size = String(abs(exponent))
    return sign + digits.prefix(1) + tail + (exponent < 0 ? "e-" : "e+")
      + (size.count < 2 ? "0" + size : size)
  }
  if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
  if digits.count <= exponent + 1 {
    return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count)
  }
  return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
}
