import Foundation
import Testing

extension RealContainers {
  /// `cairn run`, on real containers.
  @Suite struct RunTests {
    private let stack = """
      services:
        web:
          image: busybox
          command: sleep infinity
          stop_signal: SIGKILL
          restart: always
          ports: ["18481:80"]
          depends_on: {db: {condition: service_healthy}}
        db:
          image: busybox
          command: sleep infinity
          stop_signal: SIGKILL
          healthcheck: {test: ["CMD", "true"], interval: 200ms}

      """

    private func labels(_ engine: TestEngine, _ name: String) throws -> [String: String] {
      let config = try engine.inspect(name)["Config"] as? [String: Any]
      return config?["Labels"] as? [String: String] ?? [:]
    }

    @Test func `a command is run once beside a service, passed input and output, and its status is ours`()
      throws
    {
      let engine = try TestEngine()
      let file = try engine.stack("run", stack)
      let first = try engine.cairn(
        "-f", file, "run", "--rm", "-e", "WHO=me", "web", "sh", "-c", "echo $WHO; echo no >&2; exit 5")
      #expect(first.status == 5 && first.out == "me\n" && first.err.hasSuffix("no\n"), "\(first)")
      // What it depends on was started, the service itself was not, and nothing is left of the container.
      #expect(try engine.ps(file).map { $0["Name"] as? String } == ["run-db-1"])
      #expect(try engine.cairn("-f", file, "ps", "-aq").out.split(separator: "\n").count == 1)

      let echo = try engine.cairn("-f", file, "run", "--rm", "web", "cat", input: "in and out\n")
      #expect(echo.status == 0 && echo.out == "in and out\n", "\(echo)")
      let much = try engine.cairn(
        "-f", file, "run", "--rm", "--no-deps", "web", "sh", "-c", "yes | head -c 3000000")
      #expect(much.status == 0 && much.out.utf8.count == 3_000_000, "\(much.err)")
      let missing = try engine.cairn("-f", file, "run", "--rm", "web", "/nosuch")
      #expect(missing.status == 127 && missing.err.contains("/nosuch"), "\(missing)")
      #expect(try engine.cairn("-f", file, "ps", "-aq").out.split(separator: "\n").count == 1)

      let terminal = try Command.run(
        "/usr/bin/script",
        [
          "-qec", "\(engine.binary) -f \(file) run --rm web sh -c 'test -t 0 && test -t 1 && echo mark'",
          "/dev/null",
        ],
        environment: ["CAIRN_HOST": engine.host])
      #expect(terminal.status == 0, "\(terminal)")
      #expect(terminal.out.contains("mark\r\n"), "\(terminal)")
    }

    @Test func `a signal goes to the container, not to the one who waits for it`() throws {
      let engine = try TestEngine()
      let file = try engine.stack("runsignal", stack)
      let run = Process()
      run.executableURL = URL(filePath: engine.binary)
      run.arguments = [
        "-f", file, "run", "--rm", "--no-deps", "--name", "signalled", "web", "sh", "-c",
        "trap 'echo caught; exit 7' TERM; echo ready; while :; do sleep 0.1; done",
      ]
      run.environment = ProcessInfo.processInfo.environment.merging(["CAIRN_HOST": engine.host]) { $1 }
      let path = engine.root + "/run.out"
      _ = FileManager.default.createFile(atPath: path, contents: nil)
      run.standardOutput = try FileHandle(forWritingTo: URL(filePath: path))
      run.standardInput = FileHandle.nullDevice
      try run.run()
      defer {
        kill(run.processIdentifier, SIGKILL)
        run.waitUntilExit()
      }
      try expectEventually("the container is ready") {
        try String(contentsOfFile: path, encoding: .utf8) == "ready\n"
      }
      kill(run.processIdentifier, SIGTERM)
      try expectEventually("the command ends") { !run.isRunning }
      #expect(run.terminationStatus == 7)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "ready\ncaught\n")
    }

    @Test
    func `a detached one is no replica, outlives the engine, is not started again, and goes with the stack`()
      throws
    {
      let engine = try TestEngine()
      let before = try MachineState.now()
      let file = try engine.up("rundetach", stack)
      let run = try engine.cairn("-f", file, "run", "-d", "web", "sleep", "infinity")
      let name = run.out.trimmingCharacters(in: .newlines)
      #expect(run.status == 0 && name.hasPrefix("rundetach-web-run-"), "\(run)")
      let found = try labels(engine, name)
      #expect(found["com.docker.compose.oneoff"] == "True" && found["com.docker.compose.service"] == "web")
      #expect(try labels(engine, "rundetach-web-1")["com.docker.compose.oneoff"] == "False")
      #expect(try engine.cairn("-f", file, "ps", "-q").out.split(separator: "\n").count == 2)
      let all = try engine.cairn("-f", file, "ps", "-a").out
      #expect(all.contains(name), "\(all)")
      // The service's name leads to its replica alone, and its port too.
      let addresses = try engine.inside(file, "db", "nslookup web").split(separator: "\n")
        .filter { $0.hasPrefix("Address") }
      #expect(addresses.count == 2, "\(addresses)")
      // `up` leaves it alone, and so does a new engine.
      engine.crash()
      try engine.start()
      let again = try engine.cairn("-f", file, "up", "-d")
      #expect(again.status == 0 && !again.err.contains(name), "\(again)")
      let pid = try (engine.inspect(name)["State"] as? [String: Any])?["Pid"] as? Int
      #expect(pid ?? 0 > 0)

      let short = try engine.cairn("-f", file, "run", "-d", "--rm", "--name", "short", "web", "true")
      #expect(short.status == 0 && short.out == "short\n", "\(short)")
      try expectEventually("what has ended is removed") {
        try !engine.cairn("-f", file, "ps", "-a").out.contains("short")
      }
      if let pid { kill(pid_t(pid), SIGKILL) }
      try expectEventually("its end is seen") {
        try (engine.inspect(name)["State"] as? [String: Any])?["ExitCode"] as? Int == 137
      }
      let rest = try engine.cairn("-f", file, "plan")
      #expect(rest.status == 0 && !rest.out.contains(name), "\(rest)")
      #expect(try engine.cairn("-f", file, "down", "-t", "0").status == 0)
      try expectEventually("the machine is as before: \(before)") { try MachineState.now() == before }
    }
  }
}
