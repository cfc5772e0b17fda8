internal import Stacks

/// The forms of single values.
enum Forms {
  /// A string; a number or boolean must be quoted, as in Docker Compose.
  static let text: Form = { node, place, check in
    if node.string != nil { return node }
    return check.expected("a string", node, place, fix: node.asWritten.map { "quote it: \"\($0)\"" })
  }

  /// A string that is not empty.
  static let filledText: Form = { node, place, check in
    guard let checked = text(node, place, &check) else { return nil }
    guard checked.string != "" else {
      check.error(node.at, "\(place.description) must not be empty", fix: "give it a value, or remove it")
      return nil
    }
    return checked
  }

  /// A string of which the empty one is as good as none, so that `${NAME:-}` can leave it out.
  static let optionalText: Form = { node, place, check in
    text(node, place, &check).flatMap { $0.string == "" ? nil : $0 }
  }

  /// true or false; the other words of YAML 1.1 with a warning. `keepsFalse` is for the keys whose
  /// false differs from absent.
  static func flag(keepsFalse: Bool) -> Form {
    { node, place, check in
      let value: Bool
      if let bool = node.bool {
        value = bool
      } else if let text = node.string?.lowercased(), let known = ["true": true, "false": false][text] {
        value = known
      } else if let text = node.string,
        let known = ["y": true, "yes": true, "on": true, "n": false, "no": false, "off": false][
          text.lowercased()]
      {
        value = known
        check.warn(node.at, "\(quoted(text)) is not a boolean in YAML 1.2", fix: "write \(known)")
      } else {
        return check.expected("true or false", node, place)
      }
      return value || keepsFalse ? Node(.scalar(.bool(value)), at: node.at) : nil
    }
  }

  /// A whole number of at least `minimum`. The value `omitted` is the default and left out.
  static func integer(atLeast minimum: Int64, atMost maximum: Int64 = .max, omitted: Int64? = nil) -> Form {
    { node, place, check in
      let value: Int64
      if let int = node.int {
        value = int
      } else if let text = node.string, let int = Int64(text) {
        value = int
      } else {
        return check.expected("a whole number", node, place)
      }
      guard value >= minimum else {
        check.error(node.at, "\(place.description) must be at least \(minimum), not \(value)")
        return nil
      }
      guard value <= maximum else {
        check.error(node.at, "\(place.description) must be at most \(maximum), not \(value)")
        return nil
      }
      return value == omitted ? nil : Node(.scalar(.int(value)), at: node.at)
    }
  }

  /// A number of CPUs: not negative, in steps of a thousandth; 0 is no limit.
  static let cpus: Form = { node, place, check in
    guard let value = node.number ?? node.string.flatMap(Double.init), value.isFinite else {
      return check.expected("a number of CPUs", node, place, fix: "write such as 0.5 or 2")
    }
    guard value == 0 || (0.001...100_000).contains(value) else {
      check.error(
        node.at,
        "\(place.description) must be from 0.001 to 100000, or 0 for no limit, not \(goText(of: value))")
      return nil
    }
    return value == 0 ? nil : Node(.scalar(.float(value)), at: node.at)
  }

  /// An amount of bytes, as a string of digits; 0 is no limit and left out. `isText`: a number
  /// without quotes is refused, as the Compose Specification has it in `deploy`. `allowsUnlimited`:
  /// -1 is no limit.
  static func bytes(isText: Bool = false, allowsUnlimited: Bool = false) -> Form {
    { node, place, check in
      let hint = "write such as 512m, 1.5g or a number of bytes"
      if isText, node.int != nil {
        return check.expected(
          "a string", node, place, fix: "quote it: \"\(node.asWritten ?? "")\", or give it a unit")
      }
      // Docker Compose's way to say that there is no limit.
      if allowsUnlimited, node.int == -1 || node.string == "-1" { return Node("-1", at: node.at) }
      let value: UInt64
      if let int = node.int, int >= 0 {
        value = UInt64(int)
      } else if let text = node.string, let parsed = ByteSize.parse(text) {
        value = parsed
      } else {
        return check.expected("an amount of memory", node, place, fix: hint)
      }
      return value == 0 ? nil : Node(String(value), at: node.at)
    }
  }

  /// A length of time that is not negative, as Go prints it.
  static let duration: Form = { node, place, check in
    let hint = "write such as 10s, 1m30s or 500ms"
    guard let text = node.string, let span = Durations.parse(text) else {
      let fix = node.int.map { "give it a unit: \($0)s" } ?? (node.isNull ? nil : hint)
      return check.expected("a length of time", node, place, fix: fix)
    }
    guard span >= .zero else {
      check.error(node.at, "\(place.description) must not be negative")
      return nil
    }
    return Node(span.description, at: node.at)
  }

  /// One of some words.
  static func word(_ words: [String]) -> Form {
    { node, place, check in
      guard let text = text(node, place, &check)?.string else { return nil }
      guard words.contains(text) else {
        let near = nearest(to: text, among: words).map { "did you mean '\($0)'?" }
        check.error(
          node.at, "\(place.description) cannot be \(quoted(text))", fix: near ?? "use \(alternatives(words))"
        )
        return nil
      }
      return node
    }
  }

  /// A value of which only the default is supported: any other is refused as not supported yet.
  static func only(_ supported: String...) -> Form {
    { node, place, check in
      guard let text = text(node, place, &check)?.string else { return nil }
      guard supported.contains(text) else {
        check.error(
          node.at, "\(quoted(text)) is not supported yet for \(place.description)",
          fix: "use \(alternatives(supported)), or remove it")
        return nil
      }
      return node
    }
  }
}
