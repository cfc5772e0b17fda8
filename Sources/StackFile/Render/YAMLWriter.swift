/// Writes a tree as YAML in block style with two spaces of indentation, so that any YAML 1.1 or 1.2
/// reader gets the same values back.
enum YAMLWriter {
  static func text(_ node: Node) -> String {
    var out = ""
    block(node, indent: 0, to: &out)
    return out
  }

  private static func block(_ node: Node, indent: Int, to out: inout String) {
    let margin = String(repeating: " ", count: indent)
    switch node.content {
    case .scalar(let scalar): out += margin + inline(scalar) + "\n"
    case .map(let pairs):
      for pair in pairs {
        out += margin + inline(.string(pair.key)) + ":"
        child(pair.value, indent: indent, to: &out)
      }
    case .list(let items):
      for item in items {
        if case .map(let pairs) = item.content, !pairs.isEmpty {
          var inner = ""
          block(item, indent: indent + 2, to: &inner)
          out += margin + "- " + inner.dropFirst(indent + 2)
        } else {
          out += margin + "-"
          child(item, indent: indent, to: &out)
        }
      }
    }
  }

  /// What follows a `KEY:` or a `-`.
  private static func child(_ node: Node, indent: Int, to out: inout String) {
    switch node.content {
    case .scalar(let scalar): out += " " + inline(scalar) + "\n"
    case .list(let items):
      out += items.isEmpty ? " []\n" : "\n"
      if !items.isEmpty { block(node, indent: indent + 2, to: &out) }
    case .map(let pairs):
      out += pairs.isEmpty ? " {}\n" : "\n"
      if !pairs.isEmpty { block(node, indent: indent + 2, to: &out) }
    }
  }

  private static func inline(_ scalar: Scalar) -> String {
    switch scalar {
    case .null: return "null"
    case .string(let text), .time(let text):
      if isPlain(text) { return text }
      var out = ""
      JSONWriter.quote(text, to: &out)
      return out
    case .float(let value) where value.isInfinite: return value < 0 ? "-.inf" : ".inf"
    case .float(let value) where value.isNaN: return ".nan"
    default: return scalar.asText ?? "null"
    }
  }

  /// Whether the text needs no quotes: nothing in it means something to YAML, and no reader takes
  /// it for a number, a date, a boolean or null.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 200 else { return false }
    let safe = text.utf8.allSatisfy { isAlphanumericByte($0) || "_-./:$+@,= ".utf8.contains($0) }
    guard safe,
      isAlphanumericByte(first) || "/_$".utf8.contains(first)
        || (first == UInt8(ascii: ".") && text.contains("/")),
      text.last != ":", text.last != " ", !text.contains(": "),
      !looksLikeANumber(text)
    else { return false }
    let words: Set<String> = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
    guard !words.contains(text.lowercased()) else { return false }
    return PlainScalars.resolve(text) == .string(text)
  }

  /// Whether it begins with a digit and has nothing but what numbers of YAML 1.1 are made of, such as
  /// `22:22` and `1_000`. An address is none: it has several points.
  private static func looksLikeANumber(_ text: String) -> Bool {
    guard let first = text.utf8.first, isDigit(first) else { return false }
    let isMadeOfDigits = text.utf8.allSatisfy { isDigit($0) || ":._-+eExXabcdefABCDEFoO".utf8.contains($0) }
    let isAddress =
      text.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") } && text.count { $0 == "." } == 3
    return isMadeOfDigits && !isAddress
  }
}
