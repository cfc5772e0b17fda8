import EngineInterface
import FakeEngine
import Kernel
import Stacks
import Synchronization
import Testing
import Wire

@testable import CLI

@Suite struct CommandTests {
  private static let file = """
    name: shop
    services:
      web:
        image: busybox
        command: httpd -f
      db:
        image: busybox
    """

  /// Writes the stack file; the options that name it and the engine.
  private static func options(_ host: String, _ directory: String) throws -> [String] {
    try Files.replace(directory + "/stack.yaml", with: Array(file.utf8))
    return ["-H", host, "-f", directory + "/stack.yaml"]
  }

  @Test func `up sends the stack, shows progress and ends with 0`() async throws {
    let engine = FakeEngine()
    let task = Progress.Task(verb: .start, kind: .container, name: "shop-web-1")
    engine.content.withLock {
      $0.progress = [.began(task), .ended(task, seconds: 0.25), .finished(.init(isConverged: true))]
    }
    let outcome = try await serving(engine) { host, directory in
      cairn(
        try Self.options(host, directory) + ["up", "-d", "--scale", "web=3", "--remove-orphans", "db"])
    }
    #expect(
      outcome
        == Outcome(
          status: 0, output: "",
          error: " Container shop-web-1  Starting\n Container shop-web-1  Started  0.3s\n"))
    #expect(engine.calls == ["apply shop health=false orphans=true services=[\"db\"]"])
    #expect(engine.content.withLock { $0.stacks["shop"]?.services["web"]?.replicas } == 3)
  }

  @Test func `ps tells what is only reported, of the services that were named`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    engine.content.withLock {
      $0.drift = [
        Drift(
          service: nil, subject: "network shop_default", reason: "its bridge is gone", remedy: ["create"]),
        Drift(service: "web", subject: "web:2", reason: "it is missing", remedy: ["create", "start"]),
      ]
    }
    let (all, one) = try await serving(engine) { host, directory in
      let options = try Self.options(host, directory)
      return (cairn(options + ["ps"]), cairn(options + ["ps", "web"]))
    }
    #expect(one.error == "drift web:2: it is missing (create, start)\n")
    #expect(all.error == "drift network shop_default: its bridge is gone (create)\n" + one.error)
  }

  @Test func `up that does not get there ends with 1 and says what stands in the way`() async throws {
    let engine = FakeEngine()
    engine.content.withLock {
      $0.progress = [.finished(.init(isConverged: false, problems: ["web:1: image busybox is not stored"]))]
    }
    let outcome = try await serving(engine) { host, directory in
      cairn(try Self.options(host, directory) + ["up", "-d"])
    }
    #expect(outcome == Outcome(status: 1, output: "", error: "error: web:1: image busybox is not stored\n"))
  }

  @Test func `up attached shows the output until nothing runs`() async throws {
    let engine = FakeEngine([
      Sample.container(
        "web", state: .exited(.init(code: 4, startedAt: Moment(seconds: 1), finishedAt: Moment(seconds: 2))))
    ])
    engine.content.withLock {
      $0.progress = [.finished(.init(isConverged: true))]
      $0.lines = [Sample.line("one\n"), Sample.line("two\n", .stderr)]
    }
    let outcome = try await serving(engine) { host, directory in
      cairn(try Self.options(host, directory) + ["up"])
    }
    #expect(outcome.status == 0)
    #expect(outcome.output == "web-1  | one\nweb-1 exited with code 4\n")
    #expect(outcome.error.hasSuffix("web-1  | two\n"))
  }

  @Test func `a stack file with faults changes nothing`() async throws {
    let engine = FakeEngine()
    let outcome = try await serving(engine) { host, directory in
      try Files.replace(directory + "/bad.yaml", with: Array("services:\n  a:\n    imge: x\n".utf8))
      return cairn(["-H", host, "-f", directory + "/bad.yaml", "up", "-d"])
    }
    #expect(outcome.status == 1 && outcome.error.contains("bad.yaml:3:5: error: unknown key 'imge'"))
    #expect(engine.calls.isEmpty)
  }

  @Test func `a service that is not there is named with those that are`() async throws {
    let outcome = try await serving(FakeEngine()) { host, directory in
      cairn(try Self.options(host, directory) + ["up", "-d", "wbe"])
    }
    #expect(outcome.status == 1 && outcome.error.contains("wbe"), "\(outcome.error)")
  }

  @Test func `ps lists in four forms`() async throws {
    let engine = FakeEngine([
      Sample.container("web", digit: "1"), Sample.container("db", state: .created, digit: "2"),
    ])
    try await serving(engine) { host, _ in
      let ps = ["-H", host, "-p", "shop", "ps"]
      let table = cairn(ps).output
      #expect(
        table.hasPrefix("NAME         IMAGE") && table.contains("shop-web-1") && !table.contains("shop-db-1"))
      #expect(
        cairn(ps + ["-aq"]).output == String(repeating: "2", count: 64) + "\n"
          + String(repeating: "1", count: 64) + "\n")
      #expect(cairn(ps + ["-a", "--services"]).output == "db\nweb\n")
      let json = cairn(ps + ["--format", "json", "web"]).output
      #expect(json.contains("\"Name\":\"shop-web-1\"") && json.contains("\"Health\":\"healthy\""))
      #expect(
        json.contains("\"Publishers\":[{\"Protocol\":\"tcp\",\"PublishedPort\":8080,\"TargetPort\":80,"))
      #expect(cairn(ps + ["nosuch"]).status == 1)
    }
  }

  @Test func `logs are merged by time`() async throws {
    let engine = FakeEngine([Sample.container("web", digit: "1"), Sample.container("db", digit: "2")])
    engine.content.withLock { $0.lines = [Sample.line("a\n"), Sample.line("no end")] }
    try await serving(engine) { host, _ in
      let logs = ["-H", host, "-p", "shop", "logs"]
      #expect(
        cairn(logs).output == "db-1   | a\ndb-1   | no end\nweb-1  | a\nweb-1  | no end\n")
      #expect(
        cairn(logs + ["--no-log-prefix", "-t", "-n", "2", "web"]).output.hasPrefix(
          "2023-11-14T22:13:20.000000005Z a\n"))
    }
    #expect(engine.calls.last == "logs follows=false tail=2 since=0")
  }

  @Test func `exec ends as the process did`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    engine.content.withLock { $0.exitCode = 42 }
    try await serving(engine) { host, _ in
      let exec = ["-H", host, "-p", "shop", "exec"]
      // Without input, so that the test does not wait for its own.
      #expect(cairn(exec + ["-d", "web", "true"]).status == 0)
      #expect(cairn(exec + ["-T", "--index", "2", "web", "true"]).error.contains("replica 2 of service web"))
      let nosuch = cairn(exec + ["-T", "web", "nosuch"])
      #expect(nosuch.status == 127 && nosuch.error.contains("executable file not found"))
      let secret = cairn(exec + ["-T", "web", "secret"])
      #expect(secret.status == 126 && secret.error.contains("Permission denied"))
      #expect(cairn(exec + ["-T", "db", "true"]).error.contains("no such service: db has no container"))
      // More than fits into a request's head.
      let long = cairn(exec + ["-d", "web", "true", String(repeating: "x", count: 100_000)])
      #expect(long == Outcome(status: 0, output: "", error: ""))
      let client = EngineClient(path: String(host.dropFirst(7)))
      let request = ServiceExec(service: "web", options: ExecOptions(command: ["true"]))
      let connection = try client.connect()
      try connection.request("POST", "/stacks/shop/exec", .json(request.json), upgrades: true)
      let output = Mutex("")
      let status = try ExecPump(
        client: client, connection: connection, target: "/exec/", hasTerminal: false, isFramed: true,
        hasInput: false
      )
      .run(
        Console { stream, bytes in
          output.withLock { $0 += "\(stream): " + String(decoding: bytes, as: UTF8.self) }
        })
      #expect(output.withLock { $0 } == "error: ready\n" && status == 42)
    }
  }

  @Test func `what exec asks for is written as the engine reads it`() throws {
    let options = ExecOptions(
      command: ["sh", "-c", "echo \"ü\\\u{1F6A2}\u{7}\u{85}\u{2028}\n\t$'/\""], environment: ["A=b", "C="],
      user: "1:2", workingDirectory: "/x y", hasTerminal: true, hasInput: true, isPrivileged: true)
    for request in [
      ServiceExec(
        service: "web", index: 3, options: options, isDetached: true, size: .init(rows: 5, columns: 65535)),
      ServiceExec(service: "", options: ExecOptions(command: [])),
    ] {
      #expect(try WireCoding.decode(ServiceExec.self, from: request.json) == request)
    }
  }

  @Test func `an image is imported from a file and listed`() async throws {
    let engine = FakeEngine()
    let size = 3_000_000
    let imported = try await serving(engine) { host, directory in
      let archive = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      try Files.replace(directory + "/x.tar", with: archive)
      let outcome = cairn([
        "-H", host, "image", "import", directory + "/x.tar", "me/x:1", "--change", "CMD sh",
      ])
      #expect(outcome.output == "sha256:" + String(repeating: "a", count: 64) + "\n", "\(outcome.error)")
      #expect(cairn(["-H", host, "image", "ls"]).output == "IMAGE   ID   CREATED   SIZE\n")
      #expect(cairn(["-H", host, "image", "rm", "me/x:1"]).output == "Untagged: me/x:1\n")
      #expect(
        cairn(["-H", host, "image", "import", directory + "/none", "x"]).error.contains("No such file"))
      #expect(cairn(["-H", host, "image", "import", directory + "/x.tar", "X!"]).status == 1)
      return archive
    }
    #expect(engine.content.withLock { $0.imported } == imported)
    #expect(engine.calls == ["import me/x:1 [\"CMD sh\"]", "remove me/x:1"])
  }

  @Test func `plan prints and tells by its status whether there is something to do`() async throws {
    let engine = FakeEngine()
    let slot = Slot(stack: "shop", service: "web", number: 1)
    let step = Step(
      number: 1, after: [], action: .start(Instance(slot: slot, generation: 1)), reason: "it is not running",
      changes: [Difference(path: "a", old: "1", new: "2")])
    engine.content.withLock { $0.plan = Plan(stack: "shop", steps: [step]) }
    try await serving(engine) { host, directory in
      let options = try Self.options(host, directory)
      #expect(cairn(options + ["plan"]).output == "1: start web:1: it is not running\n1 step\n")
      #expect(cairn(options + ["plan", "--detailed-exitcode"]).status == 2)
      #expect(
        cairn(options + ["plan", "--format", "json"]).output
          == #"{"blocked":{},"drift":[],"nextRuns":{},"notes":[],"steps":[{"action":"start","after":[],"#
          + #""changes":[{"isLive":false,"new":"2","old":"1","path":"a"}],"number":1,"#
          + #""reason":"it is not running","subject":"web:1"}],"updates":{},"waiting":{}}"# + "\n"
      )
    }
  }

  @Test func `what a stack is asked reaches the engine`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    engine.content.withLock { $0.progress = [.finished(.init(isConverged: true))] }
    try await serving(engine) { host, _ in
      let shop = ["-H", host, "-p", "shop"]
      for words in [
        ["stop", "-t", "3", "web"], ["start"], ["restart", "web"], ["scale", "web=2"], ["kill", "-s", "HUP"],
        ["down", "-v", "-t", "1"],
      ] {
        let outcome = cairn(shop + words)
        #expect(outcome.status == 0, "\(words): \(outcome.error)")
      }
    }
    #expect(
      engine.calls == [
        "stop shop [\"web\"] 3s", "start shop [] -", "restart shop [\"web\"]", "scale shop [\"web=2\"]",
        "kill 111111111111 HUP", "down shop volumes=true timeout=1s",
      ])
  }

  @Test func `config shows the stack and parts of it`() async throws {
    try await serving(FakeEngine()) { host, directory in
      let options = try Self.options(host, directory)
      #expect(cairn(options + ["config", "--services"]).output == "db\nweb\n")
      #expect(cairn(options + ["config", "-q"]).output.isEmpty)
      #expect(cairn(options + ["config"]).output.hasPrefix("name: shop\n"))
      #expect(cairn(options + ["config", "--format", "json"]).output.hasPrefix("{"))
    }
  }

  @Test func `an engine that is not there is said so, with what to do`() {
    let outcome = cairn(["-H", "unix:///nowhere/s", "ls"])
    #expect(outcome.status == 1)
    #expect(
      outcome.error
        == "error: reach the engine at /nowhere/s: No such file or directory. Is 'cairn engine' running, and may you use its socket?\n"
    )
  }

  @Test func `the unit for systemd has the words as systemd reads them`() {
    let unit = EngineUnit.text(["/opt/my programs/cairn", "engine", "run", "--data-root", "/srv/100%/$x"])
    #expect(
      unit.contains(
        "\nExecStart=\"/opt/my programs/cairn\" engine run --data-root /srv/100%%/$$x\n"), "\(unit)")
    #expect(unit.contains("\nKillMode=process\n") && unit.contains("\nDelegate=yes\n"))
  }
}
