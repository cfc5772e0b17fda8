import Foundation
import Testing

extension RealContainers {
  /// A stack's life on real containers, through the command line only.
  @Suite struct LifecycleTests {
    let sleeper = """
      services:
        app:
          image: busybox
          command: sleep infinity
          init: true
          restart: always
          environment: {GREETING: hello}
          deploy: {replicas: 3}
      """

    @Test func `up, ps, a second up, scale and down do what they say`() throws {
      let engine = try TestEngine()
      let file = try engine.stack("life", sleeper)
      let up = try engine.cairn("-f", file, "up", "-d")
      #expect(up.status == 0, "\(up)")
      #expect(try engine.ps(file).count == 3)
      #expect(try engine.ps(file).allSatisfy { $0["State"] as? String == "running" })

      let before = try pids(engine, file)
      let again = try engine.cairn("-f", file, "up", "-d")
      #expect(again.status == 0)
      #expect(try pids(engine, file) == before, "an up with nothing to do restarted something")

      #expect(try engine.cairn("-f", file, "scale", "app=5").status == 0)
      #expect(try engine.ps(file).count == 5)
      #expect(Set(try pids(engine, file)).isSuperset(of: before))
      #expect(try engine.cairn("-f", file, "scale", "app=1").status == 0)
      #expect(try engine.ps(file).map { $0["Name"] as? String } == ["life-app-1"])

      let down = try engine.cairn("-f", file, "down", "-t", "1")
      #expect(down.status == 0, "\(down)")
      #expect(try engine.ps(file).isEmpty)
    }

    @Test func `only what differs is changed, and the plan says why`() throws {
      let engine = try TestEngine()
      let file = try engine.stack(
        "edit", sleeper + "\n  other:\n    image: busybox\n    command: sleep infinity\n    init: true\n")
      #expect(try engine.cairn("-f", file, "up", "-d").status == 0)
      let other = try pid(engine, file, "edit-other-1")
      let app = try pid(engine, file, "edit-app-1")

      _ = try engine.stack(
        "edit",
        sleeper.replacingOccurrences(of: "hello", with: "good day")
          + "\n  other:\n    image: busybox\n    command: sleep infinity\n    init: true\n")
      let plan = try engine.cairn("-f", file, "plan")
      #expect(plan.out.contains("environment.GREETING: hello → good day"), "\(plan)")
      #expect(!plan.out.contains("other:1"), "\(plan)")
      #expect(try pid(engine, file, "edit-app-1") == app, "plan changed something")

      #expect(try engine.cairn("-f", file, "up", "-d").status == 0)
      #expect(try pid(engine, file, "edit-other-1") == other)
      #expect(try pid(engine, file, "edit-app-1") != app)
      let shown = try engine.cairn("-f", file, "exec", "-T", "app", "sh", "-c", "echo $GREETING")
      #expect(shown.out == "good day\n", "\(shown)")
      #expect(try engine.cairn("-f", file, "plan").out.isEmpty == false)
    }

    @Test func `a killed container is replaced at once, and a removed one comes back`() throws {
      let engine = try TestEngine()
      let file = try engine.stack("kill", sleeper)
      #expect(try engine.cairn("-f", file, "up", "-d").status == 0)
      let victim = try pid(engine, file, "kill-app-2")
      kill(pid_t(victim), SIGKILL)
      let again = try eventually("kill-app-2 runs again", within: 5) { () -> Int? in
        let now = try? pid(engine, file, "kill-app-2")
        return now != nil && now != victim ? now : nil
      }
      #expect(again > 0)
      #expect(try engine.cairn("-f", file, "plan").status == 0)
    }

    @Test func `exec returns the command's status and output, logs return what was printed`() throws {
      let engine = try TestEngine()
      let file = try engine.stack(
        "talk",
        """
        services:
          app:
            image: busybox
            command: sh -c 'echo one; echo two >&2; sleep infinity'
            init: true
        """)
      #expect(try engine.cairn("-f", file, "up", "-d").status == 0)
      let echo = try engine.cairn(
        "-f", file, "exec", "-T", "app", "sh", "-c", "cat; exit 7", input: "over stdin")
      #expect(echo.status == 7 && echo.out == "over stdin", "\(echo)")
      let logs = try eventually("both lines are logged") { () -> String? in
        let logs = try engine.cairn("-f", file, "logs", "--no-color")
        return logs.out.contains("one") && logs.err.contains("two") ? logs.out : nil
      }
      #expect(logs.contains("app-1  | one"))
      let tail = try engine.cairn("-f", file, "logs", "--no-log-prefix", "--tail", "1")
      #expect(tail.out + tail.err == "two\n", "\(tail)")
    }

    @Test func `stop keeps containers, start runs them again, restart replaces the process`() throws {
      let engine = try TestEngine()
      let file = try engine.stack("stop", sleeper)
      #expect(try engine.cairn("-f", file, "up", "-d").status == 0)
      let first = try pids(engine, file)
      #expect(try engine.cairn("-f", file, "restart", "-t", "1").status == 0)
      let second = try pids(engine, file)
      #expect(Set(first).isDisjoint(with: second))
      #expect(try engine.cairn("-f", file, "stop", "-t", "1").status == 0)
      #expect(try engine.ps(file).map { $0["State"] as? String } == ["exited", "exited", "exited"])
      #expect(try engine.cairn("-f", file, "start").status == 0)
      #expect(try engine.ps(file).map { $0["State"] as? String } == ["running", "running", "running"])
    }
  }
}

/// The host process IDs of a stack's containers, in the order of their names.
func pids(_ engine: TestEngine, _ file: String) throws -> [Int] {
  try engine.ps(file).compactMap { $0["Name"] as? String }.sorted().map { try pid(engine, file, $0) }
}

func pid(_ engine: TestEngine, _ file: String, _ name: String) throws -> Int {
  let state = try engine.inspect(name)["State"] as? [String: Any]
  guard let pid = state?["Pid"] as? Int, pid > 0 else { throw Timeout(what: "find the process of \(name)") }
  return pid
}
