import Foundation
import Testing

extension RealContainers {
  /// Every file in examples/ is run as its own first lines say.
  @Suite struct ExampleTests {
    let folder = TestEngine.repository + "examples/"

    private func up(_ engine: TestEngine, _ name: String, _ more: String...) throws -> String {
      let file = folder + name
      let up = try Command.run(
        engine.binary, ["-p", "example", "-f", file, "up", "-d"] + more,
        environment: ["CAIRN_HOST": engine.host], directory: engine.root)
      #expect(up.status == 0, "\(name): \(up)")
      return file
    }

    private func run(_ engine: TestEngine, _ file: String, _ arguments: String...) throws -> Command.Output {
      try Command.run(
        engine.binary, ["-p", "example", "-f", file] + arguments, environment: ["CAIRN_HOST": engine.host],
        directory: engine.root)
    }

    private func log(_ engine: TestEngine, _ file: String, _ service: String, has text: String) throws {
      _ = try eventually("\(service) prints \(text)") {
        try run(engine, file, "logs", "--no-log-prefix", service).out.contains(text) ? true : nil
      }
    }

    private func state(_ engine: TestEngine, _ file: String, _ name: String) throws -> [String: Any] {
      let output = try run(engine, file, "ps", "-a", "--format", "json")
      let rows = output.out.split(separator: "\n").compactMap {
        try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      }
      return rows.first { $0["Name"] as? String == "example-\(name)-1" } ?? [:]
    }

    @Test func `every example is run by a test here`() throws {
      let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }
      let source = try String(contentsOfFile: #filePath, encoding: .utf8)
      for file in files { #expect(source.contains("\"\(file)\""), "\(file) is run by no test") }
    }

    @Test func `hello says hello and ends`() throws {
      let engine = try TestEngine()
      let file = try up(engine, "hello.yaml")
      try log(engine, file, "hello", has: "Hello from a container")
      _ = try eventually("it ended well") {
        try state(engine, file, "hello")["ExitCode"] as? Int == 0 ? true : nil
      }
    }

    @Test func `web answers through its port from each of its replicas`() throws {
      let engine = try TestEngine()
      _ = try up(engine, "web.yaml")
      var answers: Set<String> = []
      _ = try eventually("both replicas answer") {
        let page = try Command.run("/usr/bin/curl", ["-fsS", "--max-time", "2", "http://127.0.0.1:8081/"])
        if page.status == 0 { answers.insert(page.out) }
        return answers.count == 2 ? true : nil
      }
    }

    @Test func `environment comes from where it should`() throws {
      let engine = try TestEngine()
      let file = try up(engine, "environment.yaml")
      for line in [
        "GREETING=hello", "PRICE=5$", "OVERRIDDEN=by the stack file", "FROM_FILE=a value from the file",
      ] {
        try log(engine, file, "show", has: line)
      }
    }

    @Test func `configs and secrets are files of the owner and mode that the file says`() throws {
      let engine = try TestEngine()
      let file = folder + "configs-secrets.yaml"
      let up = try Command.run(
        engine.binary, ["-p", "example", "-f", file, "up", "-d"],
        environment: ["CAIRN_HOST": engine.host, "USER_KEY": "sesame"], directory: engine.root)
      #expect(up.status == 0, "\(up)")
      _ = try eventually("the reader prints both files") {
        let logs = try Command.run(
          engine.binary, ["-p", "example", "-f", file, "logs", "--no-log-prefix"],
          environment: ["CAIRN_HOST": engine.host, "USER_KEY": "sesame"], directory: engine.root)
        return logs.out == "Good day from a config\nsesame1000 400\n" ? true : nil
      }
    }

    @Test func `networks keep front and back apart and proxy sees both`() throws {
      let engine = try TestEngine()
      let file = try up(engine, "networks.yaml")
      func reaches(_ from: String, _ to: String) throws -> Bool {
        // Debian's busybox wget dies of its own -T option.
        try run(
          engine, file, "exec", "-T", from, "timeout", "3", "wget", "-q", "-O", "/dev/null", "http://\(to)/"
        )
        .status == 0
      }
      _ = try eventually("proxy reaches both") {
        try reaches("proxy", "front") && reaches("proxy", "database") ? true : nil
      }
      #expect(try !reaches("front", "back"), "the name of a service on another network was resolved")
      let address =
        try run(engine, file, "exec", "-T", "back", "ip", "-o", "-4", "addr", "show", "eth0").out
        .split(separator: " ").first { $0.hasPrefix("10.") }?.split(separator: "/").first.map(String.init)
        ?? "none"
      #expect(try !reaches("front", address), "front reaches \(address) on the other network")
    }

    @Test func `volumes are shared and read-only where declared`() throws {
      let engine = try TestEngine()
      let file = try up(engine, "volumes.yaml")
      try log(engine, file, "reader", has: "read-only, as declared")
      let written = try run(engine, file, "exec", "-T", "writer", "cat", "/data/written").out
      #expect(try run(engine, file, "down", "-t", "0").status == 0)
      _ = try up(engine, "volumes.yaml")
      try log(engine, file, "reader", has: "read-only, as declared")
      #expect(!written.isEmpty)
      #expect(try run(engine, file, "down", "-v", "-t", "0").status == 0)
    }

    @Test func `depends-on starts what must come first, first`() throws {
      let engine = try TestEngine()
      let file = try up(engine, "depends-on.yaml")
      try log(engine, file, "migrate", has: "migrated")
      try log(engine, file, "app", has: "the app runs")
      #expect("\(try state(engine, file, "database")["Health"] ?? "")" == "healthy")
    }

    @Test func `healthcheck turns unhealthy and well again`() throws {
      let engine = try TestEngine()
      let file = try up(engine, "healthcheck.yaml", "--wait")
      #expect(try state(engine, file, "app")["Health"] as? String == "healthy")
      #expect(try run(engine, file, "exec", "-T", "app", "rm", "/tmp/well").status == 0)
      _ = try eventually("unhealthy") {
        try state(engine, file, "app")["Health"] as? String == "unhealthy" ? true : nil
      }
      #expect(try run(engine, file, "exec", "-T", "app", "touch", "/tmp/well").status == 0)
      _ = try eventually("healthy") {
        try state(engine, file, "app")["Health"] as? String == "healthy" ? true : nil
      }
    }

    @Test func `limits are enforced and a memory hog is reported as killed for it`() throws {
      let engine = try TestEngine()
      let file = try up(engine, "limits.yaml")
      let hog = try eventually("the hog is killed") { () -> [String: Any]? in
        let row = try state(engine, file, "hog")
        return row["State"] as? String == "exited" ? row : nil
      }
      #expect(hog["ExitCode"] as? Int == 137)
      let ended = try engine.inspect("example-hog-1")["State"] as? [String: Any]
      #expect(ended?["OOMKilled"] as? Bool == true, "\(ended ?? [:])")
      try log(engine, file, "small", has: "512")
    }

    @Test func `restart tries again until it works`() throws {
      let engine = try TestEngine()
      let file = try up(engine, "restart.yaml")
      try log(engine, file, "flaky", has: "try 3")
      _ = try eventually("it runs") {
        try state(engine, file, "flaky")["State"] as? String == "running" ? true : nil
      }
    }

    @Test func `security leaves as little as it takes`() throws {
      let engine = try TestEngine()
      let file = try up(engine, "security.yaml")
      for text in ["1000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "read-only root"] {
        try log(engine, file, "app", has: text)
      }
    }

    @Test func `profiles leave out what is not asked for`() throws {
      let engine = try TestEngine()
      let file = try up(engine, "profiles.yaml")
      #expect(try state(engine, file, "debug").isEmpty)
      let more = try run(engine, file, "--profile", "debug", "up", "-d")
      #expect(more.status == 0, "\(more)")
      #expect(try state(engine, file, "debug")["State"] as? String == "running")
    }

    @Test func `scale goes up and down`() throws {
      let engine = try TestEngine()
      let file = try up(engine, "scale.yaml", "--scale", "worker=20")
      func count() throws -> Int { try run(engine, file, "ps", "-q").out.split(separator: "\n").count }
      #expect(try count() == 20)
      #expect(try run(engine, file, "scale", "worker=5").status == 0)
      #expect(try count() == 5)
    }

    @Test func `fixed addresses are given`() throws {
      let engine = try TestEngine()
      let file = try up(engine, "fixed-address.yaml")
      try log(engine, file, "client", has: "1 packets received")
      #expect(try run(engine, file, "exec", "-T", "server", "hostname").out == "server.example\n")
    }
  }
}
