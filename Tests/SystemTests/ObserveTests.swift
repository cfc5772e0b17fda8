import Foundation
import Testing

extension RealContainers {
  /// A stack that is only observed, on real containers.
  @Suite struct ObserveTests {
    private let stack = """
      x-reconcile: observe
      services:
        web: {image: busybox, command: sleep infinity, restart: always, stop_signal: SIGKILL}
        db:
          image: busybox
          command: sleep infinity
          restart: always
          stop_signal: SIGKILL
          x-reconcile: enforce

      """

    private func state(_ engine: TestEngine, _ name: String) throws -> (running: Bool, pid: Int) {
      let state = try engine.inspect(name)["State"] as? [String: Any]
      return (state?["Running"] as? Bool ?? false, state?["Pid"] as? Int ?? 0)
    }

    @Test func `drift of an observed service is told and left until a command asks for it`() throws {
      let engine = try TestEngine()
      let file = try engine.up("observe", stack)
      let calm = try engine.cairn("-f", file, "ps")
      #expect(!calm.err.contains("drift"), "\(calm)")
      let begin = Int(Date().timeIntervalSince1970)
      let before = try state(engine, "observe-db-1").pid

      #expect(try engine.cairn("-f", file, "kill", "web", "db").status == 0)
      let told = "drift web:1: it exited with 137 (restart: always) (start)\n"
      try expectEventually("ps tells the drift") { try engine.cairn("-f", file, "ps").err == told }
      try expectEventually("the enforced service runs again") {
        let now = try state(engine, "observe-db-1")
        return now.running && now.pid != before
      }
      #expect(try !state(engine, "observe-web-1").running, "the observed service was started")

      let plan = try engine.cairn("-f", file, "plan", "--detailed-exitcode")
      #expect(plan.status == 2 && plan.out.contains(told), "\(plan)")
      #expect(plan.out.contains("1: start web:1: it exited with 137 before it was asked for\n"), "\(plan)")
      let metrics = try engine.metrics()
      let sample = "cairn_service_replicas_drifted{stack=\"observe\",service=\"web\"} 1\n"
      #expect(metrics.contains(sample), "\(metrics)")

      // A restarted engine leaves it too.
      engine.crash()
      try engine.start()
      try expectEventually("ps tells the drift again") { try engine.cairn("-f", file, "ps").err == told }
      #expect(try !state(engine, "observe-web-1").running, "a new engine started the observed service")

      let up = try engine.cairn("-f", file, "up", "-d")
      #expect(up.status == 0, "\(up)")
      #expect(try state(engine, "observe-web-1").running)
      try expectEventually("no drift is left") { try engine.cairn("-f", file, "ps").err == "" }
      let events = try engine.cairn("-f", file, "events", "--since", "\(begin)", "--until", "0s", "web")
      #expect(events.out.contains(" service drift web:1 ("), "\(events)")
      #expect(events.out.contains(" service drift_end web:1 ("), "\(events)")
    }
  }
}
