import DockerAPI
import EngineInterface
import FakeEngine
import Foundation
import Kernel
import NIOPosix
import Stacks
import Synchronization
import Testing

/// Where Docker's own command line is; nil: it is not installed.
private let dockerProgram = ["/usr/local/bin/docker", "/usr/bin/docker"].first { Files.exists($0) }

/// Docker's own command line, where the machine has it.
@Suite(.enabled(if: dockerProgram != nil, "docker is not installed"))
struct DockerClientTests {
  /// What it prints, both streams, and its status. It blocks, on a thread of its own.
  private func docker(_ path: String, _ words: [String], input: [UInt8] = []) async throws -> (String, Int32)
  {
    try await NIOThreadPool.singleton.runIfActive {
      let process = Process()
      let output = Pipe()
      let source = Pipe()
      process.executableURL = URL(fileURLWithPath: dockerProgram ?? "")
      process.arguments = ["-H", "unix://" + path] + words
      process.standardOutput = output
      process.standardError = output
      process.standardInput = source
      try process.run()
      try source.fileHandleForWriting.write(contentsOf: Data(input))
      try source.fileHandleForWriting.close()
      let bytes = output.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return (String(decoding: bytes, as: UTF8.self), process.terminationStatus)
    }
  }

  @Test func `ps, logs, kill, version and info are understood`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    engine.content.withLock { $0.lines = [Sample.line("hello\n"), Sample.line("oops\n", .stderr)] }
    try await serving(engine) { path async throws in
      let ps = try await docker(path, ["ps", "--format", "{{.Names}} {{.Image}} {{.Ports}} {{.State}}"])
      #expect(ps == ("shop-web-1 busybox:latest 0.0.0.0:8080->80/tcp running\n", 0))
      let filtered = try await docker(
        path, ["ps", "-q", "--filter", "label=com.docker.compose.project=none"])
      #expect(filtered == ("", 0))
      let logs = try await docker(path, ["logs", "shop-web-1"])
      #expect(logs.0.contains("hello\n") && logs.0.contains("oops\n") && logs.1 == 0)
      let kill = try await docker(path, ["kill", "-s", "HUP", "shop-web-1"])
      #expect(kill == ("shop-web-1\n", 0))
      let version = try await docker(
        path, ["version", "--format", "{{.Server.Version}} {{.Server.APIVersion}}"])
      #expect(version == ("0.1.0 1.44\n", 0))
      let info = try await docker(path, ["info", "--format", "{{.Containers}} {{.DockerRootDir}}"])
      #expect(info.0.contains("1 /var/lib/cairn"), "\(info)")
      let run = try await docker(path, ["rm", "shop-web-1"])
      #expect(run.1 != 0 && run.0.contains("is not supported yet by Cairn"))
    }
    #expect(engine.calls.contains("kill 111111111111 HUP"))
  }

  @Test func `exec passes input, output and the exit status`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    engine.content.withLock { $0.exitCode = 7 }
    try await serving(engine) { path async throws in
      let output = try await docker(path, ["exec", "-i", "shop-web-1", "cat"], input: Array("abc\n".utf8))
      #expect(output.0.contains("ready\n") && output.0.contains("ABC\n") && output.1 == 7)
      for _ in 0..<5 {
        let quick = try await docker(path, ["exec", "shop-web-1", "true"])
        #expect(quick == ("ready\n", 7))
      }
    }
  }

  @Test func `import, images and rmi are understood`() async throws {
    let engine = FakeEngine()
    engine.content.withLock {
      $0.images = [
        ImageSummary(
          id: Sample.digest, references: [Sample.busybox], size: 2_000_000, createdAt: Moment(seconds: 1))
      ]
    }
    let archive = [UInt8](repeating: 65, count: 700_000)
    try await serving(engine) { path async throws in
      let imported = try await docker(path, ["import", "--change", "CMD sh", "-", "me/x:1"], input: archive)
      #expect(imported.1 == 0 && imported.0.contains("sha256:aaaa"), "\(imported)")
      let images = try await docker(path, ["images", "--format", "{{.Repository}}:{{.Tag}} {{.Size}}"])
      #expect(images == ("busybox:latest 2MB\n", 0))
      let removed = try await docker(path, ["rmi", "busybox"])
      #expect(removed == ("Untagged: busybox:latest\n", 0))
    }
    #expect(engine.content.withLock { $0.imported } == archive)
    #expect(engine.calls == ["import me/x:1 [\"CMD sh\"]", "remove busybox:latest"])
  }
}
