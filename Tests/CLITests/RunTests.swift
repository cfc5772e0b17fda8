import EngineInterface
import FakeEngine
import Kernel
import StackFile
import Stacks
import Synchronization
import Testing

@testable import CLI

@Suite struct RunTests {
  private static let file = """
    name: shop
    services:
      web:
        image: busybox
        command: httpd -f
        environment: {A: "1", B: "2"}
        ports: ["8080:80"]
        depends_on: [db]
      db:
        image: busybox
    """

  private static func options(_ host: String, _ directory: String) throws -> [String] {
    try Files.replace(directory + "/stack.yaml", with: Array(file.utf8))
    return ["-H", host, "-f", directory + "/stack.yaml"]
  }

  /// What the engine was asked for.
  private func request(_ arguments: [String]) async throws -> (RunRequest, Outcome) {
    let engine = FakeEngine()
    engine.content.withLock { $0.progress = [.finished(.init(isConverged: true))] }
    let outcome = try await serving(engine) { host, directory in
      cairn(try Self.options(host, directory) + ["run", "-d"] + arguments, environment: ["C": "3"])
    }
    return (try #require(engine.content.withLock { $0.runs.first }, "\(outcome)"), outcome)
  }

  @Test func `options mean what they mean in a stack file`() async throws {
    let (request, outcome) = try await request([
      "--rm", "-e", "A=$x", "-e", "C", "-v", "/tmp:/data:ro", "-p", "90:91", "-u", "7", "-w", "/srv", "-l",
      "tier=job", "--cap-add", "NET_ADMIN", "--entrypoint", "sh -c", "web", "echo \"$HOME\"", "-x",
    ])
    let template = request.oneOff.template
    #expect(template.environment == ["A": "$x", "B": "2", "C": "3"])
    #expect(template.mounts.map(\.description) == ["/tmp:/data:ro"])
    #expect(template.ports.map(\.description) == ["0.0.0.0:90->91/tcp"])
    #expect(template.user == "7" && template.workingDirectory == "/srv")
    #expect(template.labels == ["tier": "job"])
    #expect(template.security.addedCapabilities == ["NET_ADMIN"])
    #expect(template.entrypoint == ["sh", "-c"] && template.command == ["echo \"$HOME\"", "-x"])
    #expect(request.startsDependencies && !request.isAttached && request.oneOff.keptFor == .zero)
    #expect(request.oneOff.dependencies.keys.sorted() == ["db"])
    #expect(request.key.hasPrefix("web-run-") && request.key.count == 20)
    #expect(outcome == Outcome(status: 0, output: "shop-\(request.key)\n", error: ""))
  }

  @Test func `without options it has the service's command and none of its ports`() async throws {
    let (request, _) = try await request(["--name", "box", "--no-deps", "web"])
    #expect(request.oneOff.template.command == ["httpd", "-f"] && request.oneOff.template.ports.isEmpty)
    #expect(request.oneOff.template.containerName == "box" && request.oneOff.keptFor == nil)
    #expect(!request.startsDependencies && request.oneOff.dependencies.isEmpty)
  }

  @Test func `an entry point takes the service's command with it, ports can be kept`() async throws {
    let (request, _) = try await request(["--entrypoint", "env", "-P", "-p", "91:91", "web"])
    #expect(request.oneOff.template.entrypoint == ["env"] && request.oneOff.template.command == [])
    #expect(request.oneOff.template.ports.map(\.hostPort).sorted() == [91, 8080])
  }

  @Test func `a wrong option is named with its place, an unknown service with those that there are`()
    async throws
  {
    let (wrong, unknown) = try await serving(FakeEngine()) { host, directory in
      let options = try Self.options(host, directory)
      return (
        cairn(options + ["run", "-v", "nowhere:/data", "web"]), cairn(options + ["run", "wbe"])
      )
    }
    #expect(wrong.status == 1 && wrong.error.hasPrefix("options:3:"), "\(wrong)")
    #expect(wrong.error.contains("the volume 'nowhere' is not declared"), "\(wrong)")
    #expect(unknown.status == 1 && unknown.error.contains("did you mean 'web'?"), "\(unknown)")
  }

  @Test func `in the foreground it passes output on, ends as the container does and removes it`() async throws
  {
    let engine = FakeEngine([Sample.container("web")])
    engine.content.withLock {
      $0.progress = [.finished(.init(isConverged: true))]
      $0.exitCode = 4
      $0.attachedEnds = true
    }
    let outcome = try await serving(engine) { host, directory in
      cairn(try Self.options(host, directory) + ["run", "--rm", "-T", "--name", "shop-web-1", "web", "true"])
    }
    #expect(outcome.status == 4 && outcome.error == "ready\n", "\(outcome)")
    #expect(engine.calls.map { String($0.prefix(7)) } == ["run sho", "attach ", "discard"])
  }
}
