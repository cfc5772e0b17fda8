/// Says which attributes of a document this runtime does not carry out, as the tables have it.
enum Refusals {
  static func check(_ document: Node, _ findings: inout Findings) {
    object(document, Forms.top, &findings)
  }

  private static func object(_ node: Node, _ table: Table, _ findings: inout Findings) {
    for pair in node.pairs {
      guard let row = table.rows[pair.key] else { continue }
      switch row.support {
      case .refused(let instead):
        // A short text may stand for several keys.
        let isWritten = pair.keyAt != pair.value.at
        findings.error(
          pair.keyAt, "\(isWritten ? "the key " : "")'\(pair.key)' is not supported yet",
          fix: instead)
      case .only(let values):
        guard let text = pair.value.string, !values.contains(text) else { continue }
        findings.error(
          pair.value.at, "\(quoted(text)) is not supported yet for '\(pair.key)'",
          fix: "use \(alternatives(values)), or remove it")
      case .works: value(pair.value, row.form.shape, &findings)
      case .noEffect(let why):
        findings.warn(pair.keyAt, "'\(pair.key)' has no effect: \(why)", fix: "remove it")
      case .obsolete: break
      }
    }
  }

  private static func value(_ node: Node, _ shape: Shape, _ findings: inout Findings) {
    switch node.content {
    case .scalar: break
    case .list(let items):
      guard let entry = shape.entry else { break }
      for item in items { value(item, entry, &findings) }
    case .map(let pairs):
      if let table = shape.table { return object(node, table, &findings) }
      guard let inner = shape.value else { break }
      for pair in pairs { value(pair.value, inner, &findings) }
    }
  }
}
