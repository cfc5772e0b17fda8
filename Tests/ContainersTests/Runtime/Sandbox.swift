import Glibc
import Kernel
import Stacks
import Testing

@testable import Containers

/// A place for real containers: a root file system made of busybox, and a runtime of its own. What a
/// test starts is ended with it.
final class Sandbox: Sendable {
  let root: String
  let runtime: ContainerRuntime

  /// Files of the image besides busybox: path to content.
  init(_ files: [String: String] = [:], links: [String: String] = [:]) throws {
    root = "/tmp/cairn-test-\(ContainerID.random().short)"
    try Sandbox.makeImage("\(root)/image", files, links)
    runtime = try ContainerRuntime(
      configuration: .init(execRoot: "\(root)/run", dataRoot: "\(root)/data", shimPath: Sandbox.shim))
  }

  /// Another runtime on the same directories, as after a restart of the engine.
  func restarted() throws -> ContainerRuntime { try ContainerRuntime(configuration: runtime.configuration) }

  /// Where `swift build` puts it: next to the tests.
  static let shim: String = {
    let tests = (try? ThisProcess.program()) ?? ""
    return tests.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/cairn-shim"
  }()

  private static let applets = [
    "sh", "cat", "ls", "echo", "sleep", "true", "false", "id", "env", "pwd", "mount", "grep", "printf",
    "kill", "stat", "readlink", "mkdir", "touch", "head", "tail", "seq", "tty", "stty", "wc", "ps",
    "hostname", "ip", "ln", "rm", "dd", "df", "od", "chmod", "cut", "tr", "sed", "yes", "mknod", "date", "nc",
  ]

  private static func makeImage(_ path: String, _ files: [String: String], _ links: [String: String]) throws {
    for directory in ["bin", "etc", "tmp", "root", "home/app", "var/lib"] {
      try Files.makeDirectories("\(path)/\(directory)", mode: 0o755)
    }
    try Files.replace("\(path)/bin/busybox", with: try Files.read("/bin/busybox"), mode: 0o755)
    var all = links
    for applet in applets { all["bin/\(applet)"] = "busybox" }
    var content = [
      "etc/passwd": "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001:App:/home/app:/bin/sh\n",
      "etc/group": "root:x:0:\napp:x:1001:\nextra:x:2000:other,app\nlast:x:2001:app\n",
    ]
    content.merge(files) { $1 }
    for (name, text) in content {
      let whole = "\(path)/\(name)"
      try Files.makeDirectories(String(whole[..<whole.lastIndex(of: "/")!]), mode: 0o755)
      try Files.replace(whole, with: text.utf8, mode: name.hasPrefix("bin/") ? 0o755 : 0o644)
    }
    for (link, target) in all {
      try #require(unsafe symlink(target, "\(path)/\(link)") == 0, "\(link)")
    }
  }

  /// A request for a container with a fresh writable layer.
  func request(_ arguments: String...) throws -> LaunchRequest {
    let id = ContainerID.random()
    for name in ["upper", "work"] { try Files.makeDirectories("\(root)/layers/\(id)/\(name)", mode: 0o755) }
    return LaunchRequest(
      id: id, arguments: arguments,
      root: RootLayers(
        lower: ["\(root)/image"], upper: "\(root)/layers/\(id)/upper", work: "\(root)/layers/\(id)/work"))
  }

  func shell(_ script: String) throws -> LaunchRequest { try request("sh", "-c", script) }

  func start(_ request: LaunchRequest) async throws -> StartedContainer {
    try await runtime.release(try await runtime.prepare(request))
  }

  /// Starts it, waits for its end and returns what it wrote on both streams.
  @discardableResult
  func run(_ request: LaunchRequest) async throws -> (record: ExitRecord, output: String) {
    _ = try await start(request)
    let record = try await end(of: request.id)
    return (record, try await output(of: request.id))
  }

  /// What a shell script writes.
  func output(_ script: String, _ change: (inout LaunchRequest) -> Void = { _ in }) async throws -> String {
    var request = try shell(script)
    change(&request)
    return try await run(request).output
  }

  func expect(
    _ script: String, prints expected: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ change: (inout LaunchRequest) -> Void = { _ in }
  ) async throws {
    let output = try await output(script, change)
    #expect(output == expected, sourceLocation: sourceLocation)
  }

  func end(of id: ContainerID) async throws -> ExitRecord {
    #expect(try await soon { if case .running = try runtime.status(of: id) { false } else { true } })
    guard case .exited(let record) = try runtime.status(of: id) else {
      throw Unexpected("container \(id.short) is \(try runtime.status(of: id))")
    }
    return record
  }

  func output(of id: ContainerID) async throws -> String {
    var text = ""
    for try await entry in runtime.logs(id) { text += entry.text + (entry.isPartial ? "" : "\n") }
    return text
  }

  /// Kills what still runs and removes all.
  func close() async {
    for name in (try? Files.list("\(root)/run")) ?? [] {
      guard let id = ContainerID(name) else { continue }
      try? runtime.signal(9, to: id)
      _ = try? await soon { if case .running = try runtime.status(of: id) { false } else { true } }
    }
    // The writable layers are free once the last process of a container is gone.
    _ = await soon { (try? Files.removeTree(root)) != nil }
  }
}

struct Unexpected: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// Gives `body` a sandbox and removes it afterwards.
func withSandbox(
  _ files: [String: String] = [:], links: [String: String] = [:], _ body: (Sandbox) async throws -> Void
) async throws {
  let sandbox = try Sandbox(files, links: links)
  do { try await body(sandbox) } catch {
    await sandbox.close()
    throw error
  }
  await sandbox.close()
}
