import Foundation
import Synchronization

/// An engine of the test's own, on roots of its own, and the means to talk to it.
final class TestEngine {
  let root: String
  let binary: String
  private(set) var process: Process?
  var host: String { "unix://\(root)/cairn.sock" }
  var dataRoot: String
  var execRoot: String

  /// The repository, and the folder that the programs were built into.
  static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path()
  static var products: String {
    ProcessInfo.processInfo.environment["CAIRN_PRODUCTS"] ?? repository + ".build/debug"
  }

  /// The cgroups over the containers of every engine that was started here.
  static let cgroupParents = Mutex<Set<String>>([])

  /// The name that the engine gives the cgroup over its containers.
  private static func cgroupParent(_ execRoot: String) -> String {
    let hash = execRoot.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return "cairn-" + String(format: "%08x", hash)
  }

  init(images: [String] = ["busybox"]) throws {
    root = NSTemporaryDirectory() + "cairn-test-" + UUID().uuidString.prefix(8)
    dataRoot = root + "/data"
    execRoot = root + "/exec"
    binary = TestEngine.products + "/cairn"
    TestEngine.cgroupParents.withLock { [execRoot] in _ = $0.insert(TestEngine.cgroupParent(execRoot)) }
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    try start()
    for image in images { try importImage(image) }
  }

  deinit {
    for name in (try? stackNames()) ?? [] { _ = try? cairn("-p", name, "down", "-v", "-t", "0") }
    stop()
    try? FileManager.default.removeItem(atPath: root)
  }

  func stackNames() throws -> [String] {
    let listing = try cairn("ls", "--all", "--format", "json")
    let rows = try JSONSerialization.jsonObject(with: Data(listing.out.utf8)) as? [[String: Any]] ?? []
    return rows.compactMap { $0["Name"] as? String }
  }

  /// Starts the engine and waits until it answers. `openFiles` is the soft limit of descriptors that it
  /// gets; nil: ours.
  func start(openFiles: Int? = nil) throws {
    let engine = Process()
    let arguments = ["engine", "--data-root", dataRoot, "--exec-root", execRoot, "--host", host]
    if let openFiles {
      engine.executableURL = URL(filePath: "/bin/sh")
      engine.arguments = ["-c", "ulimit -S -n \(openFiles); exec \"$0\" \"$@\"", binary] + arguments
    } else {
      engine.executableURL = URL(filePath: binary)
      engine.arguments = arguments
    }
    if !FileManager.default.fileExists(atPath: root + "/engine.log") {
      _ = FileManager.default.createFile(atPath: root + "/engine.log", contents: nil)
    }
    let output = try FileHandle(forWritingTo: URL(filePath: root + "/engine.log"))
    try output.seekToEnd()
    engine.standardOutput = output
    engine.standardError = output
    engine.standardInput = FileHandle.nullDevice
    try engine.run()
    process = engine
    _ = try eventually("the engine answers; its log:\n\(log(tail: 20))") {
      try cairn("ls").status == 0 ? true : nil
    }
  }

  func log(tail: Int) -> String {
    let text = (try? String(contentsOfFile: root + "/engine.log", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").suffix(tail).joined(separator: "\n")
  }

  /// Ends the engine as `kill` would; containers go on.
  func stop() {
    process?.terminate()
    process?.waitUntilExit()
    process = nil
  }

  /// Ends the engine as a crash would.
  func crash() {
    if let process { kill(process.processIdentifier, SIGKILL) }
    process?.waitUntilExit()
    process = nil
  }

  @discardableResult
  func cairn(
    _ arguments: String..., environment: [String: String] = [:], directory: String? = nil, input: String = ""
  )
    throws -> Command.Output
  {
    try Command.run(
      binary, arguments, environment: environment.merging(["CAIRN_HOST": host]) { $1 },
      directory: directory ?? root, input: input)
  }

  func importImage(_ name: String) throws {
    // Kept with what was built, so that a virtual machine can be given it.
    let folder = TestEngine.products + "/test-images"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let tar = folder + "/\(name).tar"
    if !FileManager.default.fileExists(atPath: tar) {
      let fresh = tar + "." + UUID().uuidString.prefix(8)
      let made = try Command.run(TestEngine.repository + "stacks/images/make", [name, String(fresh)])
      guard made.status == 0 else { throw Timeout(what: "make the image \(name): \(made)") }
      _ = try? FileManager.default.moveItem(atPath: String(fresh), toPath: tar)
    }
    let imported = try cairn("image", "import", tar, name)
    guard imported.status == 0 else { throw Timeout(what: "import the image \(name): \(imported)") }
  }

  /// Writes a stack file and returns its path.
  func stack(_ name: String, _ text: String) throws -> String {
    let folder = root + "/" + name
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try text.write(toFile: folder + "/compose.yaml", atomically: true, encoding: .utf8)
    return folder + "/compose.yaml"
  }

  /// What the engine's interface says about one container.
  func inspect(_ name: String) throws -> [String: Any] {
    let answer = try Command.run(
      "/usr/bin/curl",
      ["-fsS", "--unix-socket", root + "/cairn.sock", "http://engine/containers/\(name)/json"])
    return try JSONSerialization.jsonObject(with: Data(answer.out.utf8)) as? [String: Any] ?? [:]
  }

  /// The rows of `ps -a --format json`.
  func ps(_ file: String) throws -> [[String: Any]] {
    let output = try cairn("-f", file, "ps", "-a", "--format", "json")
    return output.out.split(separator: "\n").compactMap {
      try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
  }

  /// What Prometheus reads.
  func metrics() throws -> String {
    try Command.run("/usr/bin/curl", ["-fsS", "--unix-socket", root + "/cairn.sock", "http://cairn/metrics"])
      .out
  }
}
