/// Amounts of memory: `512m`, `1.5g`, `64 KiB`, `1048576`. All units are powers of 1024.
enum ByteSize {
  /// The number of bytes, rounded down; nil where the text is no amount or too large.
  static func parse(_ text: String) -> UInt64? {
    var rest = Substring(text.lowercased())
    let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    rest = rest.dropFirst(digits.count)
    if rest.first == " " { rest.removeFirst() }
    let unit: Double
    switch rest {
    case "", "b": unit = 1
    case "k", "kb", "kib": unit = 1024
    case "m", "mb", "mib": unit = 1_048_576
    case "g", "gb", "gib": unit = 1_073_741_824
    case "t", "tb", "tib": unit = 1_099_511_627_776
    case "p", "pb", "pib": unit = 1_125_899_906_842_624
    default: return nil
    }
    guard digits.first != ".", digits.last != ".", !digits.isEmpty else { return nil }
    if unit == 1 { return UInt64(digits) }
    guard let number = Double(digits) else { return nil }
    let value = number * unit
    return value < 9.0e18 ? UInt64(value) : nil
  }
}
