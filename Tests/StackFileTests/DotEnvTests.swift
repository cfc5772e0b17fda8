import Testing

@testable import StackFile

/// The dialect of env files, measured on Docker Compose v5.6.1.
@Suite struct DotEnvTests {
  func read(_ text: String, raw: Bool = false) -> (values: [String: String], findings: [String]) {
    var findings = Findings()
    let environment = ["SHELL_ONLY": "s", "BOTH": "shell"]
    let values = DotEnv.read(
      Array(text.utf8), file: findings.add(file: "a.env"), isRaw: raw, lookup: { environment[$0] },
      findings: &findings)
    return (values, findings.sorted.map(\.description))
  }

  @Test(
    arguments: [
      ("A=1", ["A": "1"]), ("A = 1", ["A": "1"]), ("export  A=1", ["A": "1"]),
      ("exportA=1", ["exportA": "1"]),
      ("A: 1", ["A": "1"]), ("A=", ["A": ""]), ("A=''", ["A": ""]), ("# c\n\n  A=1\n# d", ["A": "1"]),
      ("A=1 # c", ["A": "1"]), ("A=1# c", ["A": "1# c"]), ("A='b # c' # d", ["A": "b # c"]),
      ("A=\"a\\nb\\t\\\"c\"", ["A": "a\nb\t\"c"]), ("A='a\\nb'", ["A": "a\\nb"]), ("A=a\\nb", ["A": "a\\nb"]),
      ("A='a\\'b'", ["A": "a'b"]), ("A=  a b  ", ["A": "a b"]), ("A=\"  a \"", ["A": "  a "]),
      ("A=$SHELL_ONLY", ["A": "s"]), ("A=\"$SHELL_ONLY\"", ["A": "s"]),
      ("A='$SHELL_ONLY'", ["A": "$SHELL_ONLY"]),
      ("B=1\nA=${B}x", ["B": "1", "A": "1x"]), ("BOTH=file\nA=$BOTH", ["BOTH": "file", "A": "shell"]),
      ("A=${Z:-d}", ["A": "d"]), ("A=$$x", ["A": "$x"]), ("A=\"\\$x\"", ["A": "$x"]),
      ("A=\"a\nb\"\nB=2", ["A": "a\nb", "B": "2"]), ("\u{FEFF}A=1", ["A": "1"]),
      ("A=1\r\nB=\"2\"\r\n", ["A": "1", "B": "2"]), ("A.b-c[0]=1", ["A.b-c[0]": "1"]),
      ("A=b=c", ["A": "b=c"]),
      ("SHELL_ONLY\nNONE\nB=1", ["SHELL_ONLY": "s", "B": "1"]), ("A=1\nA=2", ["A": "2"]),
      ("A=\"\\0101\"", ["A": "A"]),
      ("é=1", ["é": "1"]), ("A=a'b", ["A": "a'b"]), ("", [:]),
    ] as [(String, [String: String])])
  func `an env file sets`(text: String, values: [String: String]) {
    let result = read(text)
    #expect(result.values == values)
    #expect(result.findings == [])
  }

  @Test(arguments: [
    (
      "A B=1",
      "a.env:1:1: error: a variable's name cannot be followed by 'B=1'; write KEY=VALUE; comments begin with '#'"
    ),
    ("B=1\n  =1", "a.env:2:3: error: '=1' is not a variable; write KEY=VALUE; comments begin with '#'"),
    ("A=1\nB=\"a", "a.env:2:3: error: a quoted value is not closed; end it with \""),
    (
      "A='a' b",
      "a.env:1:7: error: text follows the closing quote; begin a comment with '#', or quote the whole value"
    ),
    (
      "A=${",
      "a.env:1:3: error: '${' is not a variable; write ${NAME} or ${NAME:-DEFAULT}; '$$' for a '$' that stands for itself"
    ),
    (
      "A=1\nB=${Z:?no}",
      "a.env:2:3: error: the variable 'Z' must be set: 'no'; set it in the environment or in '.env'"
    ),
    (
      "A=$Z",
      "a.env:1:3: warning: the variable 'Z' is not set and counts as empty; set it, or give a default: ${Z:-DEFAULT}"
    ),
    ("A=\0", "a.env:1:1: error: the env file is not UTF-8 text; save it with the encoding UTF-8"),
  ])
  func `an env file that is wrong says where`(text: String, finding: String) {
    #expect(read(text).findings == [finding])
  }

  @Test func `format raw takes all as it is written`() {
    let result = read("# c\nA=\"$B\" # x\n B='1' \nSHELL_ONLY\nNONE\n\nC D=1\n", raw: true)
    #expect(result.values == ["A": "\"$B\" # x", "B": "'1' ", "SHELL_ONLY": "s"])
    #expect(
      result.findings == [
        "a.env:7:1: error: a variable's name cannot be empty or contain spaces; write KEY=VALUE"
      ])
  }

  @Test func `a long env file is read in time that grows with its length`() {
    let text = (0..<20_000).map { "KEY\($0)=value $HOME_\($0 % 3)x ${NONE:-d}\n" }.joined()
    let duration = ContinuousClock().measure { #expect(read(text).values.count == 20_000) }
    #expect(duration < .seconds(10))
  }
}
