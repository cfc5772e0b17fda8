import FoundationEssentials
import Glibc
import Stacks
import Testing

@testable import StackFile

/// No input may crash the loader, keep it busy, or make it forget that something is wrong.
///
/// `CAIRN_FUZZ` says how many inputs, `CAIRN_FUZZ_SEED` where the stream of them begins: `make fuzz`.
@Suite struct FuzzTests {
  static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
  static let count = number("CAIRN_FUZZ") ?? 20_000
  static let seed = UInt64(number("CAIRN_FUZZ_SEED") ?? 1)
  static let lanes = 4

  static func seeds() throws -> [[UInt8]] {
    let names =
      try Fixtures.names(in: "good").map { "good/" + $0 } + Fixtures.names(in: "wrong").map { "wrong/" + $0 }
    return try names.map { try Fixtures.bytes($0 + ".yaml") }.filter { (1..<400).contains($0.count) }
  }

  /// Seconds of this thread's time.
  static func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  @Test(arguments: 0..<lanes)
  func `mutated files give a stack or an error, at once, and never crash`(lane: Int) throws {
    var mutator = Mutator(
      random: SeededRandom(Self.seed &* 1_000_003 &+ UInt64(lane)), seeds: try Self.seeds())
    for round in 0..<(Self.count / Self.lanes) {
      let (bytes, other) = (mutator.next(), mutator.next())
      let input = "seed \(Self.seed), lane \(lane), round \(round)"
      let start = Self.now()
      let result = StackLoader.load(
        LoadRequest(
          files: round.isMultiple(of: 3) ? ["stack.yaml", "b.yaml"] : ["stack.yaml"],
          workingDirectory: "/project",
          access: FileAccess { path in
            switch path {
            case "/project/stack.yaml": .success(bytes)
            case "/project/b.yaml", "/project/base.yaml": .success(other)
            case "/project/.env" where round.isMultiple(of: 5): .success(other)
            default: .failure(.absent)
            }
          }))
      let time = Self.now() - start
      #expect(time < 1, "\(input) takes \(time) s")
      if (result.stack == nil) != result.diagnostics.hasErrors {
        Issue.record("\(input): \(result.text)\n\(String(decoding: bytes, as: UTF8.self))")
      }
      // Showing what was found must not fail either, and what is shown must load again.
      guard round.isMultiple(of: 16) else { continue }
      for diagnostic in result.diagnostics { _ = result.sources.render(diagnostic) }
      _ = result.diagnostics.json
      if let document = result.document {
        let again = Fixtures.load(StackRenderer.yaml(document))
        #expect(again.stack?.services == result.stack?.services, "\(input): \(again.text)")
      }
    }
  }
}
