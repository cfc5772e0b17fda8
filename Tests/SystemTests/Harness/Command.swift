import Foundation

/// Runs programs and keeps what they print.
struct Command {
  struct Output: CustomStringConvertible {
    var status: Int32
    var out: String
    var err: String
    var description: String { "status \(status)\n--- out\n\(out)--- err\n\(err)" }
  }

  /// Runs `path` to its end; standard input is empty unless given.
  static func run(
    _ path: String, _ arguments: [String], environment: [String: String] = [:], directory: String? = nil,
    input: String = ""
  ) throws -> Output {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let directory { process.currentDirectoryURL = URL(filePath: directory) }
    // Files, not pipes: a container or an engine that keeps a copy open must not hold up the test.
    let base = NSTemporaryDirectory() + "cairn-command-" + UUID().uuidString
    defer { for end in [".in", ".out", ".err"] { try? FileManager.default.removeItem(atPath: base + end) } }
    for end in [".out", ".err"] { _ = FileManager.default.createFile(atPath: base + end, contents: nil) }
    _ = FileManager.default.createFile(atPath: base + ".in", contents: Data(input.utf8))
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: base + ".in"))
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: base + ".out"))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: base + ".err"))
    try process.run()
    process.waitUntilExit()
    func text(_ end: String) throws -> String {
      String(decoding: try Data(contentsOf: URL(filePath: base + end)), as: UTF8.self)
    }
    return Output(status: process.terminationStatus, out: try text(".out"), err: try text(".err"))
  }
}

/// Waits until `condition` holds; a failure names what was waited for.
func eventually<T>(
  _ what: String, within seconds: Double = 20, _ condition: () throws -> T?
) throws -> T {
  let slow = Double(ProcessInfo.processInfo.environment["CAIRN_SLOW"] ?? "") ?? 1
  let deadline = Date(timeIntervalSinceNow: seconds * slow)
  while true {
    if let value = try condition() { return value }
    if Date() > deadline { throw Timeout(what: what) }
    usleepBetweenLooks()
  }
}

struct Timeout: Error, CustomStringConvertible {
  var what: String
  var description: String { "did not happen in time: \(what)" }
}

/// Gives the machine a moment between two looks; the deadline, not this, decides.
private func usleepBetweenLooks() {
  _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(20))
}
