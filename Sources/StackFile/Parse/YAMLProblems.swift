/// libyaml's complaints in words for somebody who writes a stack file, with what to do about it.
enum YAMLProblems {
  /// What to tell the user.
  struct Problem {
    var message: String
    var fix: String?
    /// Whether it is shown where the unfinished thing begins, not where reading stopped.
    var isAtContext = false
  }

  /// `line` is the text of the line at fault and `above` that of the one before it.
  static func explain(_ fault: YAMLFault, line: String, above: String) -> Problem {
    let problem = fault.problem
    if problem.contains("cannot start any token") {
      let letter = line.unicodeScalars.dropFirst(fault.column - 1).first
      if letter == "\t" {
        return Problem(message: "a tab stands where YAML allows only spaces", fix: "indent with spaces")
      }
      let shown = letter.map { quoted(String($0)) } ?? "this character"
      return Problem(message: "a value cannot begin with \(shown)", fix: "put the value in quotes")
    }
    if problem.contains("mapping values are not allowed"), above.contains(where: { $0 != " " }),
      !above.contains(":"),
      indent(above) < indent(line)
    {
      return Problem(message: "the line above does not end with ':'", fix: "add the ':'")
    }
    for (part, message, fix) in table
    where problem.contains(part.problem) && fault.context.contains(part.context) {
      let isUnclosed = !part.context.isEmpty || problem.contains("expected ',' or")
      return Problem(message: message, fix: fix, isAtContext: isUnclosed && !fault.context.isEmpty)
    }
    return Problem(
      message: "this is not valid YAML: \(problem)", fix: "check the indentation and the quotes around it")
  }

  private static func indent(_ line: String) -> Int { line.prefix { $0 == " " }.count }

  private static let table: [(part: (problem: String, context: String), String, String?)] = [
    (
      ("mapping values are not allowed", ""), "a ':' stands where no key can be",
      "check the indentation, or put a value that contains ': ' in quotes"
    ),
    (
      ("did not find expected key", "flow"), "this '{…}' map is not closed properly",
      "separate the entries by ',' and end with '}'"
    ),
    (
      ("did not find expected key", ""), "a key is expected here",
      "check that this line is indented like the ones beside it"
    ),
    (
      ("did not find expected '-'", ""), "an entry of a list is expected here",
      "begin the line with '- ', or indent it like the ones beside it"
    ),
    (
      ("expected ',' or ']'", ""), "this '[…]' list is not closed properly",
      "separate the entries by ',' and end with ']'"
    ),
    (
      ("expected ',' or '}'", ""), "this '{…}' map is not closed properly",
      "separate the entries by ',' and end with '}'"
    ),
    (
      ("could not find expected ':'", ""), "a ':' is missing after the key",
      "write 'KEY: VALUE', or put a value of several lines in quotes"
    ),
    (
      ("unexpected end of stream", "quoted scalar"), "a quoted text is not closed",
      "end it with the quote that it begins with"
    ),
    (
      ("did not find expected node content", ""), "a value is missing here",
      "write the value, or '\"\"' for an empty one"
    ),
    (
      ("control characters are not allowed", ""), "the file contains a control character",
      "save it as plain UTF-8 text"
    ),
    (("UTF-8", ""), "the file is not UTF-8 text", "save it with the encoding UTF-8"),
    (("Unicode", ""), "the file contains a character that does not exist", "save it as UTF-8"),
    (
      ("unknown escape character", ""), "this '\\' escape does not exist",
      "write '\\\\' for a backslash, or use single quotes"
    ),
    (("hexdecimal", ""), "this '\\' escape lacks hexadecimal digits", "write '\\\\' for a backslash"),
    (
      ("expected <document start>", ""), "text follows after the end of the document",
      "check the indentation of this line"
    ),
    (("undefined tag handle", ""), "this '!' tag is not known", "remove it, or quote the value"),
    (
      ("block sequence entries are not allowed", ""), "a list entry cannot begin here",
      "put the '- ' on a line of its own"
    ),
    (
      ("found a tab character", ""), "a tab stands where YAML allows only spaces",
      "indent with spaces"
    ),
  ]
}
