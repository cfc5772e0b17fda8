import Foundation
import Testing

extension RealContainers {
  /// Jobs, on real containers.
  @Suite struct JobTests {
    @Test func `a job is run at its time, by an engine that nobody asks`() throws {
      let engine = try TestEngine()
      let file = try engine.up(
        "jobs",
        """
        services:
          db: {image: busybox, command: sleep infinity, stop_signal: SIGKILL}
        jobs:
          tick:
            image: busybox
            command: sh -c 'nslookup db >/dev/null && echo "run with $$WORD"; exit 3'
            environment: {WORD: luck}
            depends_on: [db]
            triggers: {schedule: ["* * * * *"]}
          byhand:
            image: busybox
            command: echo by hand
            triggers: {manual: true}

        """)
      let plan = try engine.cairn("-f", file, "plan")
      #expect(plan.out.contains("job tick is run next at "), "\(plan)")
      #expect(!plan.out.contains("byhand"), "\(plan)")

      let run = try engine.cairn("-f", file, "run", "--rm", "-T", "byhand")
      #expect(run.status == 0 && run.out == "by hand\n", "\(run)")
      let other = try engine.cairn("-f", file, "run", "--rm", "-T", "-e", "WORD=skill", "tick")
      #expect(other.status == 3 && other.out == "run with skill\n", "\(other)")

      let status = try eventually("the job is run when the minute is full", within: 75) { () -> String? in
        let all = try engine.cairn("-f", file, "ps", "-a").out.split(separator: "\n")
        return all.first { $0.contains("jobs-tick-run-20") && $0.contains("Exited (3)") }.map(String.init)
      }
      #expect(status.contains(" tick "), "\(status)")
      let logs = try engine.cairn("-f", file, "logs", "--no-log-prefix", "tick")
      #expect(logs.out == "run with luck\n", "\(logs)")
      let metrics = try engine.metrics()
      #expect(
        metrics.contains("cairn_job_last_exit_code{stack=\"jobs\",job=\"tick\"} 3\n"), "\(metrics)")
      #expect(
        metrics.contains("cairn_job_next_run_timestamp_seconds{stack=\"jobs\",job=\"tick\"} "),
        "\(metrics)")
      #expect(!metrics.contains("next_run_timestamp_seconds{stack=\"jobs\",job=\"byhand\"}"))
      // It is no replica, and is not started again.
      #expect(try engine.cairn("-f", file, "ps", "--services").out == "db\n")
      #expect(try engine.cairn("-f", file, "down", "-t", "0").status == 0)
    }
  }
}
