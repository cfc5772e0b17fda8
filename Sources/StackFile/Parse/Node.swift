/// A place in a file. Lines and columns count from 1, columns in characters.
struct Position: Hashable, Comparable, Sendable {
  /// The number of the file in `Findings`.
  var file: Int32
  var line: Int32
  var column: Int32

  init(file: Int, line: Int, column: Int) {
    self.file = Int32(truncatingIfNeeded: file)
    self.line = Int32(truncatingIfNeeded: line)
    self.column = Int32(truncatingIfNeeded: column)
  }

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
  /// What the value does to the one that it overrides, beyond the rule of its key.
  var mark: Mark?

  /// The value of an earlier file that this one took the place of.
  var replaced: Replaced?

  /// A value that is no more, for `config --explain`.
  final class Replaced: Sendable {
    let node: Node
    init(_ node: Node) { self.node = node }
  }

  /// The tags of the Compose Specification.
  enum Mark: Sendable {
    /// `!reset`: whatever the key had before is gone, and so is this value.
    case reset
    /// `!override`: this value stands alone, where the two would have been merged.
    case override
  }

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
  /// The value under a key of a map; setting nil removes it. A new one stands at the end.
  subscript(key: String) -> Node? {
    get { pairs.first { $0.key == key }?.value }
    set {
      guard case .map(var pairs) = content else { return }
      if let place = pairs.firstIndex(where: { $0.key == key }) {
        if let newValue { pairs[place].value = newValue } else { pairs.remove(at: place) }
      } else if let newValue {
        pairs.append(Pair(key, newValue))
      }
      content = .map(pairs)
    }
  }
  /// The pair under a key of a map.
  func pair(_ key: String) -> Pair? { pairs.first { $0.key == key } }

  /// Without marks, and without what a mark resets.
  var unmarked: Node {
    var node = self
    node.mark = nil
    switch content {
    case .scalar: break
    case .list(let items): node.content = .list(items.filter { $0.mark != .reset }.map(\.unmarked))
    case .map(let pairs):
      node.content = .map(
        pairs.filter { $0.value.mark != .reset }.map { Pair($0.key, $0.value.unmarked, at: $0.keyAt) })
    }
    return node
  }

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
