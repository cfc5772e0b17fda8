/// A loaded stack file in canonical form: variables replaced, every value in its long form, defaults
/// and env files filled in. It is what `config` shows.
public struct StackDocument: Sendable, Hashable {
  /// `name`, `services`, `networks`, `volumes` and so on, with the `x-` keys.
  var root: Node
  /// The files' names, by the number in a `Position`.
  let files: [String]
  /// All that the files declare, used and active or not.
  let declared: Node
  /// Whether `${…}` was replaced; otherwise a `$` is shown as it is.
  let isInterpolated: Bool
  /// What `${…}` was replaced from.
  let variables: [String: String]
  /// The stack files' absolute paths; empty for standard input.
  let paths: [String]
}

/// Prints a `StackDocument` in the layout of `docker compose config`.
///
/// A `$` in a value is doubled, so that the output is itself a stack file with the same meaning.
public enum StackRenderer {
  /// YAML in block style; keys in alphabetical order but for `name`, which comes first.
  public static func yaml(_ document: StackDocument) -> String {
    YAMLWriter.text(document.isInterpolated ? escaped(document.root) : document.root)
  }

  /// JSON as Docker Compose writes it; see `JSONModel` for what differs from the YAML. Throws where
  /// the document has something that has no form there.
  public static func json(_ document: StackDocument) throws(RenderError) -> String {
    let tree = try JSONModel.tree(document.root)
    return JSONWriter.text(JSONModel.value(of: document.isInterpolated ? escaped(tree) : tree))
  }

  private static func escaped(_ node: Node) -> Node {
    var copy = node
    switch node.content {
    case .scalar(.string(let text)):
      guard text.has("$") else { return node }
      copy.content = .scalar(
        .string(text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")))
    case .scalar: break
    case .list(let items): copy.content = .list(items.map(escaped))
    case .map(let pairs):
      copy.content = .map(pairs.map { Node.Pair($0.key, escaped($0.value), at: $0.keyAt) })
    }
    return copy
  }
}

/// Why a document cannot be shown in a format.
public struct RenderError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
}
