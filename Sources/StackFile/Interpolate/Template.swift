/// Why a text with variables cannot be used.
enum TemplateFault: Error, Hashable {
  /// What stands at the `$` is no variable; the text from there on.
  case malformed(String)
  /// `${NAME:?MESSAGE}` and there is no value.
  case required(name: String, message: String)
  case tooDeep
}

/// `$NAME` and `${NAME…}` in a text, as the Compose Specification's interpolation section has them.
struct Template {
  /// How deep defaults may be nested.
  static let depthBudget = 32

  /// The value of a variable; nil where it is not set.
  let lookup: (String) -> String?
  /// The variables without a value and without a default that were replaced by nothing.
  private(set) var unset: [String] = []

  init(lookup: @escaping (String) -> String?) { self.lookup = lookup }

  mutating func expand(_ text: String) throws(TemplateFault) -> String {
    guard text.has("$") else { return text }
    return String(decoding: try expand(Array(text.utf8)[...], depth: 0), as: UTF8.self)
  }

  private mutating func expand(_ text: ArraySlice<UInt8>, depth: Int) throws(TemplateFault) -> [UInt8] {
    guard depth <= Template.depthBudget else { throw .tooDeep }
    var out: [UInt8] = []
    var rest = text
    while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
      out += rest[..<dollar]
      let after = rest[(dollar + 1)...]
      guard let next = after.first else {
        rest = after
        out.append(UInt8(ascii: "$"))
        continue
      }
      if next == UInt8(ascii: "$") {
        out.append(next)
        rest = after.dropFirst()
      } else if next == UInt8(ascii: "{") {
        guard let close = Template.closingBrace(of: after) else { throw .malformed(shown(rest[dollar...])) }
        let inner = after[(after.startIndex + 1)..<close]
        guard let value = try substitute(inner, depth: depth) else {
          throw .malformed(shown(rest[dollar...close]))
        }
        out += value
        rest = after[(close + 1)...]
      } else {
        let name = Template.name(at: after)
        if name.isEmpty {
          // '$' before anything else stands for itself.
          out.append(UInt8(ascii: "$"))
          rest = after
        } else {
          out += value(of: String(decoding: name, as: UTF8.self)).utf8
          rest = after[name.endIndex...]
        }
      }
    }
    return out + rest
  }

  private func shown(_ text: ArraySlice<UInt8>) -> String { String(decoding: text.prefix(80), as: UTF8.self) }

  private mutating func value(of name: String) -> String {
    if let value = lookup(name) { return value }
    if !unset.contains(name) { unset.append(name) }
    return ""
  }

  /// What stands for the inside of `${…}`; nil where it has none of the known forms.
  private mutating func substitute(
    _ inner: ArraySlice<UInt8>, depth: Int
  ) throws(TemplateFault) -> [UInt8]? {
    let nameBytes = Template.name(at: inner)
    guard !nameBytes.isEmpty else { return nil }
    let name = String(decoding: nameBytes, as: UTF8.self)
    var rest = inner[nameBytes.endIndex...]
    if rest.isEmpty { return Array(value(of: name).utf8) }
    // With ':' an empty value counts as none.
    let emptyIsUnset = rest.first == UInt8(ascii: ":")
    if emptyIsUnset { rest = rest.dropFirst() }
    guard let operation = rest.first else { return nil }
    rest = rest.dropFirst()
    let value = lookup(name).flatMap { emptyIsUnset && $0.isEmpty ? nil : $0 }
    switch operation {
    case UInt8(ascii: "-"):
      if let value { return Array(value.utf8) }
      return try expand(rest, depth: depth + 1)
    case UInt8(ascii: "+"):
      return value == nil ? [] : try expand(rest, depth: depth + 1)
    case UInt8(ascii: "?"):
      if let value { return Array(value.utf8) }
      let message = try expand(rest, depth: depth + 1)
      throw .required(name: name, message: String(decoding: message, as: UTF8.self))
    default: return nil
    }
  }

  /// A letter or '_', then letters, digits and '_'; empty where none begins here.
  static func name(at text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard let first = text.first, !isDigit(first) else { return text.prefix(0) }
    return text.prefix { isAlphanumericByte($0) || $0 == UInt8(ascii: "_") }
  }

  /// The brace that closes the one at the beginning; braces within are paired.
  static func closingBrace(of text: ArraySlice<UInt8>) -> Int? {
    var open = 0
    for i in text.indices {
      if text[i] == UInt8(ascii: "{") { open += 1 }
      if text[i] == UInt8(ascii: "}") {
        open -= 1
        if open == 0 { return i }
      }
    }
    return nil
  }
}
