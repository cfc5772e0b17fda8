extension Forms {
  /// `command` and `entrypoint`: a list of strings, or one string that is split into words as a
  /// shell would, without a shell. Empty drops the image's; null leaves it.
  static let command = Form(.either([.list(.string), .string, .null])) { node, place, check in
    if node.isNull { return node }
    if case .list(let items) = node.content {
      var words: [Node] = []
      for item in items {
        if let word = text(item, place.item, &check) { words.append(word) }
      }
      return Node(.list(words), at: node.at)
    }
    guard let line = node.string else {
      return check.expected("a string or a list of strings", node, place)
    }
    do throws(ShellWords.Fault) {
      let words = try ShellWords.split(line)
      return Node(.list(words.map { Node($0, at: node.at) }), at: node.at)
    } catch {
      switch error {
      case .unclosedQuote:
        check.error(
          node.at, "a quote in \(place.description) is not closed", fix: "close it, or write a list of words")
      case .shellSyntax(let part):
        check.error(
          node.at, "\(quoted(part)) in \(place.description) needs a shell, and none runs it",
          fix: "write [\"sh\", \"-c\", \"…\"], or put \(quoted(part)) in quotes")
      }
      return nil
    }
  }

  /// `healthcheck.test`: a string for the shell, or a list that begins with CMD, CMD-SHELL or NONE.
  static let healthTest = Form(.either([.list(.string), .string])) { node, place, check in
    if let line = node.string {
      return Node(.list([Node("CMD-SHELL", at: node.at), Node(line, at: node.at)]), at: node.at)
    }
    guard case .list(let items) = node.content else {
      return check.expected("a string or a list of strings", node, place)
    }
    var words: [Node] = []
    for item in items {
      if let word = text(item, place.item, &check) { words.append(word) }
    }
    guard words.count == items.count else { return nil }
    guard let first = words.first?.string else { return Node(.list([]), at: node.at) }
    switch first {
    case "NONE":
      if words.count == 1 { return Node(.list(words), at: node.at) }
      check.error(words[1].at, "nothing can follow NONE in \(place.description)", fix: "write [\"NONE\"]")
    case "CMD":
      if words.count > 1 { return Node(.list(words), at: node.at) }
      check.error(
        node.at, "\(place.description) names no program after CMD", fix: "write [\"CMD\", \"PROGRAM\", …]")
    case "CMD-SHELL":
      if words.count == 2 { return Node(.list(words), at: node.at) }
      check.error(
        node.at, "\(place.description) must have exactly one string after CMD-SHELL",
        fix: "write [\"CMD-SHELL\", \"COMMAND LINE\"]")
    default:
      check.error(
        words[0].at,
        "\(place.description) must begin with 'CMD', 'CMD-SHELL' or 'NONE', not \(quoted(first))",
        fix: "write [\"CMD\", \"\(shortened(first))\", …], or the whole as one string")
    }
    return nil
  }
}

/// Splits a line into words by the shell's rules for quotes and backslashes.
enum ShellWords {
  enum Fault: Error {
    case unclosedQuote
    /// An operator such as `&&` or `>`, which only a shell understands.
    case shellSyntax(String)
  }

  /// Backquotes and `$(…)` stay as they are: no shell runs, so they mean nothing special.
  static func split(_ line: String) throws(Fault) -> [String] {
    let operators: Set<Character> = [";", "&", "|", "<", ">", "(", ")"]
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    /// The letter that ends a part which is kept as it is.
    var literalEnd: Character?
    for letter in line {
      if isEscaped {
        word = (word ?? "") + String(letter)
        isEscaped = false
      } else if letter == "\\", quote != "'" {
        isEscaped = true
      } else if let end = literalEnd {
        word = (word ?? "") + String(letter)
        if letter == end { literalEnd = nil }
      } else if let open = quote {
        if letter == open { quote = nil } else { word = (word ?? "") + String(letter) }
      } else if letter == "'" || letter == "\"" {
        quote = letter
        word = word ?? ""
      } else if letter == "`" || (letter == "(" && word?.last == "$") {
        word = (word ?? "") + String(letter)
        literalEnd = letter == "`" ? "`" : ")"
      } else if letter.isWhitespace {
        if let done = word { words.append(done) }
        word = nil
      } else if operators.contains(letter) {
        throw .shellSyntax(String(letter))
      } else {
        word = (word ?? "") + String(letter)
      }
    }
    guard quote == nil, literalEnd == nil, !isEscaped else { throw .unclosedQuote }
    if let done = word { words.append(done) }
    return words
  }
}
