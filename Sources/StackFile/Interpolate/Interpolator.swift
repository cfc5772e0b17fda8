/// Replaces the variables in every value of a tree, never in a key.
struct Interpolator {
  private let lookup: (String) -> String?
  /// Variables for those that `lookup` does not have: what an env file has set so far.
  var locals: [String: String] = [:]
  /// One warning a variable is enough.
  private var warned: Set<String> = []

  init(lookup: @escaping (String) -> String?) { self.lookup = lookup }

  /// The tree with the variables replaced. A value that cannot be used stays as it is and is reported.
  mutating func expand(_ node: Node, _ findings: inout Findings) -> Node {
    var copy = node
    switch node.content {
    case .scalar(.string(let text)):
      guard text.has("$") else { return node }
      copy.content = .scalar(.string(expand(text, at: node.at, &findings) ?? text))
      copy.written = text
    case .scalar: return node
    case .list(let items): copy.content = .list(items.map { expand($0, &findings) })
    case .map(let pairs):
      copy.content = .map(pairs.map { Node.Pair($0.key, expand($0.value, &findings), at: $0.keyAt) })
    }
    return copy
  }

  /// The text with the variables replaced; nil where that is impossible, which is reported.
  mutating func expand(_ text: String, at: Position, _ findings: inout Findings) -> String? {
    guard text.has("$") else { return text }
    let (lookup, locals) = (lookup, locals)
    var template = Template { lookup($0) ?? locals[$0] }
    do throws(TemplateFault) {
      let value = try template.expand(text)
      for name in template.unset where warned.insert(name).inserted {
        findings.warn(
          at, "the variable '\(name)' is not set and counts as empty",
          fix: "set it, or give a default: ${\(name):-DEFAULT}")
      }
      return value
    } catch {
      switch error {
      case .malformed(let part):
        findings.error(
          at, "\(quoted(part)) is not a variable",
          fix: "write ${NAME} or ${NAME:-DEFAULT}; '$$' for a '$' that stands for itself")
      case .required(let name, let message):
        let why = message.isEmpty ? "" : ": \(quoted(message))"
        findings.error(
          at, "the variable '\(name)' must be set\(why)", fix: "set it in the environment or in '.env'")
      case .tooDeep:
        findings.error(
          at, "variables are nested more than \(Template.depthBudget) deep",
          fix: "use fewer defaults of defaults")
      }
      findings.settle(at)
      return nil
    }
  }
}
