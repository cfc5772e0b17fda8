import Stacks

/// Splits as a Dockerfile does: at blanks, with single and double quotes and backslashes taken off.
/// nil where a quote is not closed.
func shellWords(_ text: Substring) -> [String]? {
  var words: [String] = []
  var word: String?
  var quote: Character?
  var escaped = false
  for character in text {
    if escaped {
      word = (word ?? "") + String(character)
      escaped = false
    } else if character == "\\", quote != "'" {
      escaped = true
    } else if let open = quote {
      if character == open { quote = nil } else { word = (word ?? "") + String(character) }
    } else if character == "\"" || character == "'" {
      quote = character
      word = word ?? ""
    } else if character.isWhitespace {
      if let done = word { words.append(done) }
      word = nil
    } else {
      word = (word ?? "") + String(character)
    }
  }
  if quote != nil || escaped { return nil }
  if let done = word { words.append(done) }
  return words
}

/// A duration as Go writes it, such as `1m30s`, `500ms`, `1.5h`; nil where it is none.
func goDuration(_ text: Substring) -> Span? {
  let units: [(String, Double)] = [
    ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
  ]
  var rest = text
  var total = 0.0
  while !rest.isEmpty {
    let number = rest.prefix { $0.isNumber || $0 == "." }
    let unit = rest.dropFirst(number.count).prefix { !$0.isNumber && $0 != "." }
    guard let value = Double(number), let size = units.first(where: { $0.0 == unit })?.1 else { return nil }
    total += value * size
    rest = rest.dropFirst(number.count + unit.count)
  }
  guard !text.isEmpty, total < 9e18 else { return nil }
  return Span(nanoseconds: Int64(total))
}

extension StringProtocol {
  /// Without the blanks at both ends.
  var trimmed: SubSequence {
    var part = self[...]
    while part.first?.isWhitespace == true { part = part.dropFirst() }
    while part.last?.isWhitespace == true { part = part.dropLast() }
    return part
  }
}
