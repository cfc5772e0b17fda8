/// One row of a table: a key of the Compose Specification, and all that is known of it.
struct Attribute: Sendable {
  /// What the value may be.
  var form: Form
  /// What `cairn` does with it.
  var support: Support
  /// How the values of two files become one.
  var merge: Merge
  /// Whether false, 0 and empty say the same as nothing, so that `config` leaves them out.
  var dropsZero: Bool

  init(_ form: Form, _ support: Support, merge: Merge = .deep, dropsZero: Bool = true) {
    self.form = form
    self.support = support
    self.merge = merge
    self.dropsZero = dropsZero
  }
}

/// What becomes of an attribute when a stack is run. `config` knows all of them.
enum Support: Sendable {
  case works
  /// Accepted and without effect; why.
  case noEffect(String)
  /// An error when the stack is to be run; why, or what to do instead.
  case refused(String)
  /// Only these values are carried out, any other is refused.
  case only([String])
  /// Without effect since long ago: a warning.
  case obsolete
}

/// A set of rows: what an object with fixed keys may hold.
struct Table: Sendable {
  /// What the object is, such as `a service`.
  var name: String
  var rows: [String: Attribute]
  /// The keys that must be there when all files are merged, with what to write.
  var required: [String: String] = [:]
  /// What the whole object says when all files are merged: fills in defaults, and reports what does
  /// not go together.
  var complete: (@Sendable (inout Node, inout Findings) -> Void)?
  /// Where a key that is unknown here may belong, with the place's name.
  var elsewhere: (@Sendable (String) -> String?)?

  /// The pairs in canonical form; nil where the node is no map. `x-` keys stay as they are.
  func check(_ node: Node, _ place: Place, _ check: inout Check) -> Node? {
    guard case .map(let pairs) = node.content else {
      return check.expected("a map of keys and values", node, place)
    }
    var kept: [Node.Pair] = []
    kept.reserveCapacity(pairs.count)
    let before = check.findings.errorCount
    for pair in pairs {
      if pair.key.hasPrefix("x-") {
        kept.append(pair)
        continue
      }
      guard let row = rows[pair.key] else {
        unknown(pair, &check)
        continue
      }
      if case .obsolete = row.support {
        check.warn(pair.keyAt, "the key '\(pair.key)' is obsolete and has no effect", fix: "remove it")
        continue
      }
      guard var value = row.form(pair.value, Place(key: pair.key), &check) else { continue }
      if case .list(let identity) = row.merge {
        value = value.unique(by: identity)
        warnOfReplaced(value, pair.key, &check)
      }
      kept.append(Node.Pair(pair.key, value, at: pair.keyAt))
    }
    if check.findings.errorCount > before { check.findings.markFaulty(node.at) }
    return Node(.map(kept), at: node.at)
  }

  /// Two entries of one list for one place: Docker Compose drops the first in silence.
  private func warnOfReplaced(_ list: Node, _ key: String, _ check: inout Check) {
    for item in list.items {
      guard let earlier = item.replaced?.node, earlier != item else { continue }
      check.warn(
        item.at, "this entry of '\(key)' takes the place of the one in line \(earlier.at.line)",
        fix: "remove one"
      )
    }
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
