import Glibc
import StackFile
import Stacks
import Testing

/// No input may crash the loader or keep it busy.
@Suite struct RobustnessTests {
  struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  @Test(arguments: 0..<8)
  func `mutated files give a stack or an error and never crash`(seed: Int) throws {
    var random = Random(state: UInt64(seed))
    let names =
      try Fixtures.names(in: "good").map { "good/" + $0 } + Fixtures.names(in: "wrong").map { "wrong/" + $0 }
    let seeds = try names.map { try Fixtures.bytes($0 + ".yaml") }.filter { (1..<8000).contains($0.count) }
    let pieces = [
      "$", "${", "}", "*a", "&a ", "<<: ", "!x ", "- ", ": ", "\"", "'", "[", "{", "\t", "\0", "\u{FEFF}",
      "-1",
      "9999999999999999999999", "|", ">", "#", "---\n", "null", ":", "é", "\r\n", "~", "1e999", "0-0", "/",
    ].map { Array($0.utf8) }
    for round in 0..<120 {
      var bytes = seeds.randomElement(using: &random)!
      for _ in 0...Int.random(in: 0..<6, using: &random) {
        let at = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes.insert(contentsOf: pieces.randomElement(using: &random)!, at: at)
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
        case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 0..<12, using: &random)))
        case 3:
          let other = seeds.randomElement(using: &random)!
          let start = Int.random(in: 0..<other.count, using: &random)
          bytes.insert(contentsOf: other[start..<min(other.count, start + 40)], at: at)
        default: if at < bytes.count { bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        }
      }
      let result = Fixtures.load(
        bytes: bytes, files: ["/project/.env": String(decoding: bytes, as: UTF8.self)])
      #expect(
        (result.stack == nil) == result.diagnostics.hasErrors, "seed \(seed), round \(round): \(result.text)")
      for diagnostic in result.diagnostics { _ = result.sources.render(diagnostic) }
      _ = result.diagnostics.json
      if let document = result.document {
        let again = Fixtures.load(StackRenderer.yaml(document))
        #expect(again.stack == result.stack, "seed \(seed), round \(round): \(again.text)")
      }
    }
  }

  /// Whether the work takes under a second of this thread's time: the machine may be busy with others.
  func isQuick(_ work: () -> Void) -> Bool {
    func now() -> Double {
      var time = timespec()
      unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    work()
    return now() - start < 1
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
    quick(text + "services: {web: {image: x}}\n", "more than 250000 values")
  }

  @Test func `merge keys that multiply are refused at once`() {
    var text = "x-0: &a0 {" + (0..<200).map { "k\($0): v," }.joined() + "}\n"
    for level in 1..<2000 { text += "x-\(level): {<<: [*a0, *a0, *a0, *a0]}\n" }
    quick(text + "services: {web: {image: x}}\n", "more than 250000 values")
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
}
