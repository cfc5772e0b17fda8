import StackFile
import Testing

/// How findings are shown.
@Suite struct DiagnosticsTests {
  @Test func `a finding is shown with its line and a caret`() {
    let result = Fixtures.load("services:\n  web:\n    image: nginx\n    imge: é\n")
    #expect(
      result.diagnostics.map { result.sources.render($0) } == [
        """
        stack.yaml:4:5: error: unknown key 'imge'; did you mean 'image'?
         4 |     imge: é
           |     ^
        """
      ])
  }

  @Test func `columns count characters, and a long line is cut around the place`() {
    let padding = String(repeating: "é", count: 300)
    let result = Fixtures.load("services: {web: {image: x, labels: {a: \(padding)}, tty: maybe}}\n")
    let shown = result.sources.render(result.diagnostics[0]).split(separator: "\n")
    #expect(result.diagnostics[0].column == 348)
    #expect(shown.count == 3)
    let caret = shown[2].unicodeScalars.count - 1
    #expect(shown[1].unicodeScalars.dropFirst(caret).prefix(5).map(Character.init) == Array("maybe"))
  }

  @Test func `control characters of the file never reach the terminal`() {
    let result = Fixtures.load("services:\n  web: {image: \"\\e[31mred\", tty: \"\\u0007\"}\n")
    #expect(result.lines.count == 2)
    #expect(!result.text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
  }

  @Test func `findings are given as JSON too`() {
    let result = Fixtures.load("services:\n  web:\n    image: nginx\n    imge: \"\\\"\"\n")
    #expect(
      result.diagnostics.json == """
        [
          {
            "severity": "error",
            "file": "stack.yaml",
            "line": 4,
            "column": 5,
            "message": "unknown key 'imge'",
            "fix": "did you mean 'image'?"
          }
        ]

        """)
  }

  @Test func `a finding is said once however often its anchor is used`() {
    let text = "x-a: &a {imge: x}\nservices:\n  a: {<<: *a, image: x}\n  b: {<<: *a, image: x}\n"
    #expect(
      Fixtures.load(text).lines == ["stack.yaml:1:10: error: unknown key 'imge'; did you mean 'image'?"])
  }

  @Test func `several faults are found in one run, in the order of the lines`() {
    let result = Fixtures.load(
      "version: '3'\nservices:\n  b: {image: x, tty: 5}\n  a: {image: x, foo: 1, ports: [x]}\n  c: {image: $NONE}\n"
    )
    #expect(result.diagnostics.map(\.line) == [1, 3, 4, 4, 5, 5])
  }
}
