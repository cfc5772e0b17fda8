/// A place in a file. Lines and columns count from 1, columns in characters.
struct Position: Hashable, Comparable, Sendable {
  /// The number of the file in `Findings`.
  var file: Int
  var line: Int
  var column: Int

  static func < (a: Position, b: Position) -> Bool {
    (a.file, a.line, a.column) < (b.file, b.line, b.column)
  }
}

/// One value of a file with its place. Aliases and merge keys are already followed.
///
/// The same type carries the canonical form: every rule of the schema takes a node as it was
/// written and gives it back in the one form that `config` prints and that binding reads.
///
/// Two nodes are equal where their values are; where they stand does not count.
struct Node: Sendable, Hashable {
  enum Content: Sendable, Hashable {
    case scalar(Scalar)
    case list([Node])
    case map([Pair])
  }
  var content: Content
  var at: Position
  /// What stands in the file, where that is not what it counts as: `0123` for 83.
  var written: String?

  /// A key and its value.
  struct Pair: Sendable, Hashable {
    var key: String
    var keyAt: Position
    var value: Node

    static func == (a: Pair, b: Pair) -> Bool { a.key == b.key && a.value == b.value }

    func hash(into hasher: inout Hasher) {
      hasher.combine(key)
      hasher.combine(value)
    }

    init(_ key: String, _ value: Node, at: Position? = nil) {
      self.key = key
      self.keyAt = at ?? value.at
      self.value = value
    }
  }

  init(_ content: Content, at: Position, written: String? = nil) {
    self.content = content
    self.at = at
    self.written = written
  }

  /// The text of a scalar as the user wrote it; nil for null, lists and maps.
  var asWritten: String? { isNull ? nil : written ?? scalar?.asText }

  static func == (a: Node, b: Node) -> Bool { a.content == b.content }

  func hash(into hasher: inout Hasher) { hasher.combine(content) }

  init(_ text: String, at: Position) { self.init(.scalar(.string(text)), at: at) }
}

/// The value of a scalar as YAML 1.2 and Docker Compose's reader see it.
enum Scalar: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int64)
  /// A whole number above `Int64.max`.
  case big(UInt64)
  case float(Double)
  /// A date or time, in the form that Docker Compose turns it into.
  case time(String)
  case string(String)

  /// The text where a string is wanted from any scalar, as in `environment`; nil for null.
  var asText: String? {
    switch self {
    case .null: nil
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .big(let value): String(value)
    case .float(let value): goText(of: value)
    case .time(let text), .string(let text): text
    }
  }
}

extension Node {
  var scalar: Scalar? {
    if case .scalar(let scalar) = content { scalar } else { nil }
  }
  var isNull: Bool { scalar == .null }
  /// The text of a string; nil for anything else.
  var string: String? {
    if case .scalar(.string(let text)) = content { text } else { nil }
  }
  var bool: Bool? {
    if case .scalar(.bool(let value)) = content { value } else { nil }
  }
  var int: Int64? {
    if case .scalar(.int(let value)) = content { value } else { nil }
  }
  /// The value of any number.
  var number: Double? {
    switch scalar {
    case .int(let value): Double(value)
    case .big(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }
  /// The entries of a list; empty for anything else.
  var items: [Node] {
    if case .list(let items) = content { items } else { [] }
  }
  /// The entries of a map; empty for anything else.
  var pairs: [Pair] {
    if case .map(let pairs) = content { pairs } else { [] }
  }
  /// The value under a key of a map.
  subscript(key: String) -> Node? { pairs.first { $0.key == key }?.value }

  /// What it is, in a user's words.
  var kind: String {
    switch content {
    case .list: "a list"
    case .map: "a map"
    case .scalar(.null): "empty"
    case .scalar(.bool(let value)): "the boolean \(value)"
    case .scalar(.string(let text)): text.isEmpty ? "an empty string" : "the string \(quoted(text))"
    case .scalar(.time): "the date \(asWritten ?? "")"
    case .scalar: "the number \(asWritten ?? "")"
    }
  }
}
