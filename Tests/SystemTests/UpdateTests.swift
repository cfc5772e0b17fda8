import Foundation
import Testing

extension RealContainers {
  /// Updates by a policy, on real containers.
  @Suite struct UpdateTests {
    /// A server that says its version, is healthy once it serves, and ends what it has begun before it
    /// goes, as a server should.
    private func web(_ version: String, replicas: Int, _ update: String, serves: Bool = true) -> String {
      """
      services:
        web:
          image: busybox
          init: true
          command:
            - sh
            - -c
            - |
              mkdir /www && echo \(version) > /www/index.html
              \(serves ? "httpd -p 80 -h /www" : "")
              trap 'sleep 1; exit 0' TERM
              while :; do sleep 1 & wait $$!; done
          ports: ["18471:80"]
          restart: always
          healthcheck:
            test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1/"]
            interval: 2s
            timeout: 2s
            retries: \(serves ? 5 : 1)
            start_period: \(serves ? "60s" : "1s")
            start_interval: 200ms
          deploy:
            replicas: \(replicas)
            update_config: {\(update)}

      """
    }

    private func page() throws -> String {
      try Command.run("/usr/bin/curl", ["-fsS", "--max-time", "5", "http://127.0.0.1:18471/"]).out
    }

    private func write(_ text: String, to file: String) throws {
      try text.write(toFile: file, atomically: true, encoding: .utf8)
    }

    /// Asks one request after another until it is ended; it ends by itself at the first that fails.
    private func load(_ report: String) throws -> Process {
      let client = Process()
      client.executableURL = URL(filePath: "/usr/bin/curl")
      client.arguments = [
        "-fsS", "--fail-early", "--max-time", "10", "-o", "/dev/null",
        // To standard error, which nothing holds back: what is written is there when the client is killed.
        "-w", "%{stderr}%{http_code}\\n",
        "http://127.0.0.1:18471/?[1-10000000]",
      ]
      _ = FileManager.default.createFile(atPath: report, contents: nil)
      let output = try FileHandle(forWritingTo: URL(filePath: report))
      client.standardOutput = output
      client.standardError = output
      try client.run()
      return client
    }

    @Test func `a rolling update of ten replicas under load fails no request`() throws {
      let engine = try TestEngine()
      let update = "parallelism: 2, order: start-first"
      let file = try engine.stack("roll", web("one", replicas: 10, update))
      let first = try engine.cairn("-f", file, "up", "-d", "--wait")
      #expect(first.status == 0, "\(first)")
      #expect(try page() == "one\n")

      let reports = (1...3).map { engine.root + "/load-\($0)" }
      let clients = try reports.map(load)
      defer { for client in clients where client.isRunning { kill(client.processIdentifier, SIGKILL) } }
      try write(web("two", replicas: 10, update), to: file)
      let second = try engine.cairn("-f", file, "up", "-d")
      #expect(second.status == 0, "\(second)")
      for client in clients {
        #expect(client.isRunning, "a request failed")
        // The mask of signals that it inherits may keep SIGTERM from it.
        kill(client.processIdentifier, SIGKILL)
        client.waitUntilExit()
      }
      for report in reports {
        // The client may have been killed in the middle of a line.
        let lines = try String(contentsOfFile: report, encoding: .utf8)
          .split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(lines.allSatisfy { $0 == "200" }, "\(lines.filter { $0 != "200" })")
        #expect(lines.count > 50, "it was hardly asked: \(lines.count)")
      }
      // An update is through when every replica is new; and so they are.
      for _ in 0..<20 { #expect(try page() == "two\n") }
      let rows = try engine.ps(file)
      #expect(rows.count == 10 && rows.allSatisfy { $0["State"] as? String == "running" }, "\(rows)")
    }

    @Test func `an update to a version that is never healthy is paused and takes nothing away`() throws {
      let engine = try TestEngine()
      let update = "order: start-first"
      let file = try engine.stack("pause", web("one", replicas: 2, update))
      #expect(try engine.cairn("-f", file, "up", "-d", "--wait").status == 0)
      try write(web("bad", replicas: 2, update, serves: false), to: file)
      let second = try engine.cairn("-f", file, "up", "-d")
      #expect(second.status == 1)
      #expect(second.err.contains("the update of web is paused: web:1@2"), "\(second)")
      for _ in 0..<10 { #expect(try page() == "one\n") }

      // The next file that is right goes on from there.
      try write(web("three", replicas: 2, update), to: file)
      let third = try engine.cairn("-f", file, "up", "-d")
      #expect(third.status == 0, "\(third)")
      for _ in 0..<10 { #expect(try page() == "three\n") }
      #expect(try engine.ps(file).count == 2)
    }

    @Test func `an update that fails is taken back where rollback is the action`() throws {
      let engine = try TestEngine()
      let update = "failure_action: rollback"
      let file = try engine.stack("back", web("one", replicas: 2, update))
      #expect(try engine.cairn("-f", file, "up", "-d", "--wait").status == 0)
      try write(web("bad", replicas: 2, update, serves: false), to: file)
      let second = try engine.cairn("-f", file, "up", "-d")
      #expect(second.status == 1)
      #expect(second.err.contains("the update of web is taken back"), "\(second)")
      _ = try eventually("both replicas are as they were", within: 40) {
        let rows = try engine.ps(file)
        return rows.count == 2 && rows.allSatisfy { ($0["Health"] as? String) == "healthy" } ? true : nil
      }
      for _ in 0..<10 { #expect(try page() == "one\n") }
    }

    @Test func `an unhealthy container is started again, and what depends on it too`() throws {
      let engine = try TestEngine()
      let file = try engine.stack(
        "well",
        """
        services:
          db:
            image: busybox
            command: sh -c 'touch /well; exec sleep infinity'
            restart: always
            stop_grace_period: 0s
            healthcheck: {test: test -f /well, interval: 300ms, retries: 2}
          api:
            image: busybox
            command: sleep infinity
            stop_grace_period: 0s
            depends_on: {db: {condition: service_healthy, restart: true}}

        """)
      #expect(try engine.cairn("-f", file, "up", "-d", "--wait").status == 0)
      func pid(_ name: String) throws -> Int {
        let state = try engine.inspect(name)["State"] as? [String: Any]
        return state?["Pid"] as? Int ?? 0
      }
      let (db, api) = (try pid("well-db-1"), try pid("well-api-1"))
      #expect(try engine.cairn("-f", file, "exec", "-T", "db", "rm", "/well").status == 0)
      _ = try eventually("both are started again", within: 30) {
        let (newDB, newAPI) = (try pid("well-db-1"), try pid("well-api-1"))
        return newDB != 0 && newAPI != 0 && newDB != db && newAPI != api ? true : nil
      }
      _ = try eventually("it is healthy again") {
        try engine.ps(file).contains { ($0["Health"] as? String) == "healthy" } ? true : nil
      }
    }
  }
}
