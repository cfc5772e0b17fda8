internal import Stacks

/// The forms of single values.
enum Forms {
  /// A string; a number or boolean must be quoted, as in Docker Compose.
  static let text = Form(.string) { node, place, check in
    if node.string != nil { return node }
    return check.expected("a string", node, place, fix: node.asWritten.map { "quote it: \"\($0)\"" })
  }

  /// A string that is not empty.
  static let filledText = Form(.string) { node, place, check in
    guard let checked = text(node, place, &check) else { return nil }
    guard checked.string != "" else {
      check.error(node.at, "\(place.description) must not be empty", fix: "give it a value, or remove it")
      return nil
    }
    return checked
  }

  /// A string; a number is turned into one.
  static let textOrNumber = Form(.either([.string, .number])) { node, place, check in
    if node.string != nil { return node }
    guard node.number != nil, let text = node.scalar?.asText else {
      return check.expected("a string or a number", node, place)
    }
    return Node(text, at: node.at)
  }

  /// A string; a boolean is turned into one.
  static let textOrFlag = Form(.either([.string, .boolean])) { node, place, check in
    if node.string != nil { return node }
    guard let flag = node.bool else { return check.expected("a string, true or false", node, place) }
    return Node(flag ? "true" : "false", at: node.at)
  }

  /// A path of the machine, which begins at the directory of the file that names it.
  static let path = Form(.string) { node, place, check in
    guard let text = filledText(node, place, &check)?.string else { return nil }
    return resolved(text, at: node.at, &check)
  }

  /// The absolute path; nil, which is reported, where `~` has no meaning.
  static func resolved(_ text: String, at: Position, _ check: inout Check) -> Node? {
    if check.keepsVariables, text.has("$") { return Node(text, at: at) }
    // A path of Windows stays what it is.
    if VolumeText.hasDrive(text), ["\\", "/"].contains(text.dropFirst(2).first) { return Node(text, at: at) }
    if text.hasPrefix("~"), check.surroundings.home == nil {
      check.error(at, "'~' stands for the home directory, and HOME is not set", fix: "write the whole path")
      return nil
    }
    return Node(check.surroundings.resolve(text), at: at)
  }

  /// true or false; the other words of YAML 1.1 with a warning.
  static let flag = Form(.either([.boolean, .string])) { node, place, check in
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
    return Node(.scalar(.bool(value)), at: node.at)
  }

  /// A whole number from `minimum` to `maximum`; digits in quotes are one too.
  static func integer(_ minimum: Int64 = 0, _ maximum: Int64 = .max) -> Form {
    Form(.either([.integer, .string])) { node, place, check in
      let value: Int64
      if let int = node.int {
        value = int
      } else if let text = node.string, let int = Int64(text) {
        value = int
      } else if case .scalar(.float(let float)) = node.content, let int = Int64(exactly: float) {
        value = int
      } else {
        return check.expected(
          "a whole number", node, place, fix: node.string == "" ? "give it a value, or remove it" : nil)
      }
      guard value >= minimum else {
        check.error(node.at, "\(place.description) must be at least \(minimum), not \(value)")
        return nil
      }
      guard value <= maximum else {
        check.error(node.at, "\(place.description) must be at most \(maximum), not \(value)")
        return nil
      }
      return Node(.scalar(.int(value)), at: node.at)
    }
  }

  /// A number that is not negative.
  static let ratio = Form(.either([.number, .string])) { node, place, check in
    guard let value = node.number ?? node.string.flatMap(Double.init), value.isFinite, value >= 0 else {
      return check.expected("a number", node, place, fix: "write such as 0.25")
    }
    return number(value, at: node.at)
  }

  /// A number in the precision that Docker Compose keeps; a whole one without a point.
  static func number(_ value: Double, at: Position) -> Node {
    let short = Double(Float(value).description) ?? value
    return Node(.scalar(Int64(exactly: short).map { .int($0) } ?? .float(short)), at: at)
  }

  /// A number of CPUs: not negative, in steps of a thousandth; 0 is no limit.
  static let cpus = Form(.either([.number, .string])) { node, place, check in
    guard let value = node.number ?? node.string.flatMap(Double.init), value.isFinite else {
      return check.expected("a number of CPUs", node, place, fix: "write such as 0.5 or 2")
    }
    guard value == 0 || (0.001...100_000).contains(value) else {
      check.error(
        node.at,
        "\(place.description) must be from 0.001 to 100000, or 0 for no limit, not \(goText(of: value))")
      return nil
    }
    return number(value, at: node.at)
  }

  /// An amount of bytes, as a string of digits. `isText`: a number without quotes is refused, as the
  /// Compose Specification has it in `deploy`. `allowsUnlimited`: -1 is no limit.
  static func bytes(isText: Bool = false, allowsUnlimited: Bool = false) -> Form {
    Form(isText ? .string : .either([.string, .integer]), zero: "0") { node, place, check in
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
      return Node(String(value), at: node.at)
    }
  }

  /// A length of time that is not negative, as Go prints it.
  static let duration = Form(.string, zero: "0s") { node, place, check in
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
  static func word(_ words: String...) -> Form {
    Form(.words(words)) { node, place, check in
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

  /// Access rights, octal, in canonical form with a leading 0: `0440`.
  static let fileMode = Form(.either([.string, .integer])) { node, place, check in
    let bits = node.int ?? node.string.flatMap { Int64($0, radix: 8) }
    guard let bits, (0...0o7777).contains(bits) else {
      return check.expected("a file mode", node, place, fix: "write it octal, such as 0440")
    }
    return Node("0" + String(bits, radix: 8), at: node.at)
  }
}
