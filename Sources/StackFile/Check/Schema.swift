/// One row of the schema: a key, and what becomes of its value.
///
/// A later column (how two files' values are merged) belongs here too.
struct Attribute: Sendable {
  enum Use: Sendable {
    /// Checked by the form and brought to its canonical shape.
    case accepted(Form)
    /// Part of the Compose Specification and not supported yet: always an error, with what to do
    /// instead where something can be done.
    case refused(String?)
    /// Without effect since long ago: a warning.
    case obsolete
  }
  var use: Use

  static func form(_ form: @escaping Form) -> Attribute { Attribute(use: .accepted(form)) }
  static let refused = Attribute(use: .refused(nil))
  static func refused(_ instead: String) -> Attribute { Attribute(use: .refused(instead)) }
  static let obsolete = Attribute(use: .obsolete)
}

/// Checks a value and gives it back in canonical form; nil where it is wrong, which it has then
/// reported, or where it is the default and `config` leaves it out.
typealias Form = @Sendable (Node, Place, inout Check) -> Node?

/// Where a value stands, for messages.
struct Place: Sendable {
  /// The key, such as `ports`; with its parents where it alone says too little.
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

  mutating func error(_ at: Position, _ message: String, fix: String? = nil) {
    findings.error(at, message, fix: fix)
  }
  mutating func warn(_ at: Position, _ message: String, fix: String? = nil) {
    findings.warn(at, message, fix: fix)
  }

  /// Reports a value of the wrong kind; nil, so that a form can return it.
  mutating func expected(_ what: String, _ node: Node, _ place: Place, fix: String? = nil) -> Node? {
    var fix = fix
    if node.isNull {
      if fix == nil { fix = "give it \(what), or remove it" }
      error(node.at, "\(place.description) has no value", fix: fix)
    } else {
      error(node.at, "\(place.description) must be \(what), not \(node.kind)", fix: fix)
    }
    return nil
  }
}

/// What a stack file is read against.
struct Surroundings: Sendable {
  /// Absolute; relative paths of the file begin here.
  var projectDirectory: String
  /// nil where the caller's environment has none.
  var home: String?
  /// The caller's environment and the env files: what a valueless `environment` entry takes.
  var variables: [String: String]

  /// An absolute path: `~` is the home directory, the rest begins at the project directory.
  func resolve(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    if path.hasPrefix("~"), let home {
      return Paths.clean(home + "/" + path.dropFirst())
    }
    return Paths.clean(projectDirectory + "/" + path)
  }
}

/// A set of rows: what an object with fixed keys may hold.
struct Table: Sendable {
  /// What the object is, such as `a service`.
  var name: String
  var rows: [String: Attribute]
  /// Whether `x-` keys are kept for `config`; everywhere they are allowed.
  var keepsExtensions = false
  /// Where a key that is unknown here may belong, with the place's name.
  var elsewhere: (@Sendable (String) -> String?)?

  /// The pairs in canonical form, sorted by key; nil where the node is no map.
  func check(_ node: Node, _ place: Place, _ check: inout Check) -> Node? {
    guard case .map(let pairs) = node.content else {
      return check.expected("a map of keys and values", node, place)
    }
    var kept: [Node.Pair] = []
    let before = check.findings.errorCount
    defer { if check.findings.errorCount > before { check.findings.markFaulty(node.at) } }
    for pair in pairs {
      if pair.key.hasPrefix("x-") {
        if keepsExtensions { kept.append(pair) }
        continue
      }
      guard let row = rows[pair.key] else {
        unknown(pair, &check)
        continue
      }
      switch row.use {
      case .accepted(let form):
        if let value = form(pair.value, Place(key: pair.key), &check) {
          kept.append(Node.Pair(pair.key, value, at: pair.keyAt))
        }
      case .refused(let instead):
        check.error(
          pair.keyAt, "the key '\(pair.key)' is not supported yet", fix: instead ?? "remove it")
      case .obsolete:
        check.warn(pair.keyAt, "the key '\(pair.key)' is obsolete and has no effect", fix: "remove it")
      }
    }
    return Node(.map(kept.sorted { $0.key < $1.key }), at: node.at)
  }

  private func unknown(_ pair: Node.Pair, _ check: inout Check) {
    let fix: String
    if let place = elsewhere?(pair.key) {
      fix = "it belongs \(place)"
    } else if let near = nearest(to: pair.key, among: rows.keys) {
      return check.error(pair.keyAt, "unknown key \(quoted(pair.key))", fix: "did you mean '\(near)'?")
    } else if rows.count <= 8 {
      fix = "\(name) may have \(alternatives(rows.keys.sorted()))"
    } else {
      fix = "remove it, or begin its name with 'x-'"
    }
    check.error(pair.keyAt, "unknown key \(quoted(pair.key)) of \(name)", fix: fix)
  }
}
