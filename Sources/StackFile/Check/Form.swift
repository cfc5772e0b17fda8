/// What one value of the Compose Specification may be, and how it is brought into canonical form.
struct Form: Sendable {
  /// What the value may look like: for the schema that editors get, and for all that walks a tree.
  var shape: Shape
  /// The canonical text that says the same as nothing.
  var zero: String
  /// The value in canonical form; nil where it is wrong, which has then been reported.
  private let body: @Sendable (Node, Place, inout Check) -> Node?

  init(_ shape: Shape, zero: String = "", _ body: @escaping @Sendable (Node, Place, inout Check) -> Node?) {
    self.shape = shape
    self.zero = zero
    self.body = body
  }

  /// The value in canonical form; nil where it is wrong, which has then been reported.
  ///
  /// An empty value is kept where the shape has no null: the one that it overrides may be there, so
  /// it is complained of when all files are merged. A mark stays where it is.
  func callAsFunction(_ node: Node, _ place: Place, _ check: inout Check) -> Node? {
    if node.mark == .reset { return node }
    if node.isNull, !shape.allowsNull { return node }
    if check.keepsVariables, let text = node.string, text.has("$") { return node }
    guard var canonical = body(node, place, &check) else { return nil }
    canonical.mark = node.mark
    if canonical.written == nil, node.written != nil, canonical.scalar != nil, canonical.scalar != node.scalar
    {
      canonical.written = node.written
    }
    return canonical
  }
}

/// What a value may look like. `either` has the canonical one first.
indirect enum Shape: Sendable {
  case string
  case number
  case integer
  case boolean
  case null
  case any
  case words([String])
  case list(Shape)
  /// Free keys.
  case map(Shape)
  /// Fixed keys.
  case object(@Sendable () -> Table)
  case either([Shape])

  var allowsNull: Bool {
    switch self {
    case .null, .any: true
    case .either(let shapes): shapes.contains(where: \.allowsNull)
    default: false
    }
  }

  /// The table of an object; nil where this can be none.
  var table: Table? {
    switch self {
    case .object(let table): table()
    case .either(let shapes): shapes.lazy.compactMap(\.table).first
    default: nil
    }
  }

  /// The shape of a list's entries; nil where this can be no list.
  var entry: Shape? {
    switch self {
    case .list(let entry): entry
    case .either(let shapes): shapes.lazy.compactMap(\.entry).first
    default: nil
    }
  }

  /// The shape of the values of a map with free keys; nil where this can be none.
  var value: Shape? {
    switch self {
    case .map(let value): value
    case .either(let shapes): shapes.lazy.compactMap(\.value).first
    default: nil
    }
  }
}

/// Where a value stands, for messages.
struct Place: Sendable {
  /// The key, such as `ports`.
  var key: String
  /// Whether it is one entry of the key's list.
  var isItem = false

  var description: String { isItem ? "an entry of '\(key)'" : "'\(key)'" }
  var item: Place { Place(key: key, isItem: true) }
}

/// What the forms share: the findings, and what relative paths and variables are resolved against.
struct Check {
  var findings: Findings
  let surroundings: Surroundings
  /// Whether `${…}` was left as it is, so that a text may stand for anything.
  var keepsVariables = false

  mutating func error(_ at: Position, _ message: String, fix: String? = nil) {
    findings.error(at, message, fix: fix)
  }
  mutating func warn(_ at: Position, _ message: String, fix: String? = nil) {
    findings.warn(at, message, fix: fix)
  }

  /// Reports a value of the wrong kind; nil, so that a form can return it.
  mutating func expected(_ what: String, _ node: Node, _ place: Place, fix: String? = nil) -> Node? {
    findings.expected(what, node, place, fix: fix)
    return nil
  }
}

extension Findings {
  /// Reports a value of the wrong kind.
  mutating func expected(_ what: String, _ node: Node, _ place: Place, fix: String? = nil) {
    if node.isNull {
      error(node.at, "\(place.description) has no value", fix: fix ?? "give it \(what), or remove it")
    } else {
      error(node.at, "\(place.description) must be \(what), not \(node.kind)", fix: fix)
    }
  }
}

/// What a stack file is read against.
struct Surroundings: Sendable {
  /// Absolute; relative paths of the file begin here.
  var directory: String
  /// nil where the caller's environment has none.
  var home: String?
  /// The caller's environment and the env files.
  var variables: [String: String]

  /// An absolute path: `~` is the home directory, the rest begins at the directory.
  func resolve(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    if path.hasPrefix("~"), let home { return Paths.clean(home + "/" + path.dropFirst()) }
    return Paths.clean(directory + "/" + path)
  }
}
