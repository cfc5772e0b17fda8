/// A loaded stack file in canonical form: variables replaced, every value in its long form, defaults
/// and env files filled in. It is what `config` shows.
public struct StackDocument: Sendable, Hashable {
  /// `name`, `services`, `networks`, `volumes` and the `x-` keys, each sorted.
  let root: Node
}

/// Prints a `StackDocument` in the layout of `docker compose config`.
///
/// A `$` in a value is doubled, so that the output is itself a stack file with the same meaning.
public enum StackRenderer {
  /// YAML in block style; keys in alphabetical order but for `name`, which comes first.
  public static func yaml(_ document: StackDocument) -> String {
    YAMLWriter.text(escaped(document.root))
  }

  /// JSON with the same content but for the services' `x-` keys, which Docker Compose leaves out too.
  public static func json(_ document: StackDocument) -> String {
    JSONWriter.text(value(of: escaped(withoutServiceExtensions(document.root))))
  }

  private static func withoutServiceExtensions(_ root: Node) -> Node {
    Node(
      .map(
        root.pairs.map { pair in
          guard pair.key == "services" else { return pair }
          let services = pair.value.pairs.map { service in
            let kept = service.value.pairs.filter { !$0.key.hasPrefix("x-") }
            return Node.Pair(service.key, Node(.map(kept), at: service.value.at))
          }
          return Node.Pair(pair.key, Node(.map(services), at: pair.value.at))
        }), at: root.at)
  }

  private static func escaped(_ node: Node) -> Node {
    switch node.content {
    case .scalar(.string(let text)):
      guard text.has("$") else { return node }
      return Node(
        text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$"), at: node.at)
    case .scalar: return node
    case .list(let items): return Node(.list(items.map(escaped)), at: node.at)
    case .map(let pairs):
      return Node(.map(pairs.map { Node.Pair($0.key, escaped($0.value), at: $0.keyAt) }), at: node.at)
    }
  }

  private static func value(of node: Node) -> JSONValue {
    switch node.content {
    case .list(let items): .list(items.map(value))
    case .map(let pairs): .map(pairs.map { ($0.key, value(of: $0.value)) })
    case .scalar(.null): .null
    case .scalar(.bool(let value)): .bool(value)
    case .scalar(.int(let value)): .int(value)
    case .scalar(.big(let value)): .big(value)
    case .scalar(.float(let value)): .float(value)
    case .scalar(.string(let text)), .scalar(.time(let text)): .string(text)
    }
  }
}
