import StackFile
import Stacks
import Testing

/// No input may crash the loader or keep it busy.
@Suite struct RobustnessTests {
  /// Whether the work takes under a second of this thread's time: the machine may be busy with others.
  func isQuick(_ work: () -> Void) -> Bool {
    let start = FuzzTests.now()
    work()
    return FuzzTests.now() - start < 1
  }

  func quick(_ text: String, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation) {
    var lines: [String] = []
    #expect(isQuick { lines = Fixtures.load(text).lines }, sourceLocation: sourceLocation)
    #expect(
      lines.first?.contains(expected) == true, "\(lines.prefix(3))", sourceLocation: sourceLocation)
  }

  @Test func `aliases of aliases are refused at once`() {
    var text = "x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<40 {
      text += "x-\(level): &a\(level) [" + String(repeating: "*a\(level - 1),", count: 10) + "]\n"
    }
    quick(text + "services: {web: {image: x}}\n", "stand for more than 250000 values")
  }

  @Test func `merge keys that multiply are refused at once`() {
    var text = "x-0: &a0 {" + (0..<200).map { "k\($0): v," }.joined() + "}\n"
    for level in 1..<2000 { text += "x-\(level): {<<: [*a0, *a0, *a0, *a0]}\n" }
    quick(text + "services: {web: {image: x}}\n", "stand for more than 250000 values")
  }

  @Test(arguments: [("[", "]"), ("{a: ", "}"), ("- ", ""), ("{[", ""), ("? ", "")])
  func `a depth of 10,000 is refused at once`(open: String, close: String) {
    let text = "x-a: " + String(repeating: open, count: 10_000) + String(repeating: close, count: 10_000)
    quick((open == "- " || open == "? " ? "x-a:\n  " + text.dropFirst(5) : text) + "\n", ": error: ")
  }

  @Test func `a text of ten mebibytes is read in under a second`() {
    let long = String(repeating: "x", count: 10 << 20)
    let text = "services:\n  web:\n    image: x\n    labels: {a: '\(long)'}\n"
    var result: LoadResult?
    #expect(isQuick { result = Fixtures.load(text) })
    #expect(result?.template?.labels["a"]?.utf8.count == 10 << 20)
    quick("services:\n  web:\n    image: \(long)Y\n", "is not the name of an image")
    quick("services:\n  web:\n    image: x\n    \(long): 1\n", "a ':'")
  }

  @Test func `thousands of faults are counted and not all shown`() {
    let result = Fixtures.load(
      "services:\n  web:\n    image: x\n" + (0..<5000).map { "    key\($0): 1\n" }.joined())
    #expect(result.lines.count == 201)
    #expect(result.lines.last == "error: 4800 further findings are not shown; mend these first")
  }

  @Test func `a long chain of dependencies is no depth`() {
    let text = (0..<3000).map { "  s\($0): {image: x, depends_on: [s\($0 + 1)]}\n" }.joined()
    #expect(Fixtures.load("services:\n\(text)  s3000: {image: x}\n").stack?.services.count == 3001)
  }

  @Test func `ten times the services take about ten times the time`() {
    func seconds(_ count: Int) -> Double {
      let services = (0..<count).map { number in
        """
          s\(number):
            image: example/app-\(number % 7)
            environment: {A: "\(number)", B: "${HOME}/x"}
            labels: [a=b]
            depends_on: [\(number == 0 ? "" : "s\(number - 1)")]
            volumes: ["data:/data"]
            networks: [front]

        """
      }
      let text = "services:\n" + services.joined() + "networks: {front: }\nvolumes: {data: }\n"
      let start = FuzzTests.now()
      let result = Fixtures.load(text, environment: ["HOME": "/h"])
      let time = FuzzTests.now() - start
      #expect(result.stack?.services.count == count, "\(result.lines.prefix(3))")
      return time
    }
    _ = seconds(10)
    let (few, many) = (seconds(100), seconds(1000))
    #expect(many < few * 25, "\(few) s and \(many) s")
  }
}
