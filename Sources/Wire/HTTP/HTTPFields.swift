/// The header fields of a message, in their order. Names are compared without regard to case.
package struct HTTPFields: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  package struct Field: Hashable, Sendable {
    package var name: String
    package var value: String
  }
  package private(set) var all: [Field] = []

  package init() {}

  package init(dictionaryLiteral elements: (String, String)...) {
    all = elements.map { Field(name: $0.0, value: $0.1) }
  }

  package mutating func append(_ name: String, _ value: String) {
    all.append(Field(name: name, value: value))
  }

  /// Every value of the field.
  package func values(_ name: String) -> [String] {
    all.filter { sameName($0.name, name) }.map(\.value)
  }

  /// The first value of the field; nil where there is none.
  package subscript(name: String) -> String? {
    all.first { sameName($0.name, name) }?.value
  }

  /// Whether the field's comma-separated values contain the word, without regard to case.
  package func has(_ word: String, in name: String) -> Bool {
    values(name).contains { value in
      value.split(separator: ",").contains { trimmed(Substring($0)).lowercased() == word }
    }
  }
}

private func sameName(_ a: String, _ b: String) -> Bool {
  a.utf8.count == b.utf8.count
    && zip(a.utf8, b.utf8).allSatisfy { lowercase($0) == lowercase($1) }
}

private func lowercase(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
}

/// Without spaces and tabs at both ends.
func trimmed(_ text: Substring) -> Substring {
  var text = text
  while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
  while let last = text.last, last == " " || last == "\t" { text.removeLast() }
  return text
}
