import Foundation
import Testing

extension RealContainers {
  /// Containers that take their time to end.
  @Suite struct StopTests {
    // Process 1 has no handler for SIGTERM, so that the kernel keeps it from it.
    let stack = """
      services:
        slow: {image: busybox, command: sleep infinity, stop_grace_period: 8s}
        quick: {image: busybox, command: sleep infinity, restart: always}
      """

    private func state(_ engine: TestEngine, _ file: String, _ name: String) throws -> [String: Any] {
      try engine.ps(file).first { $0["Name"] as? String == name } ?? [:]
    }

    /// Begins `cairn stop slow`, and returns once the container has been asked to end.
    private func stop(_ engine: TestEngine, _ file: String) throws -> Process {
      let stop = Process()
      stop.executableURL = URL(filePath: engine.binary)
      stop.arguments = ["-f", file, "stop", "slow"]
      stop.environment = ProcessInfo.processInfo.environment.merging(["CAIRN_HOST": engine.host]) { $1 }
      stop.standardOutput = FileHandle.nullDevice
      stop.standardError = FileHandle.nullDevice
      try stop.run()
      let records = engine.dataRoot + "/containers"
      _ = try eventually("the container is asked to end") {
        try FileManager.default.contentsOfDirectory(atPath: records).first { id in
          (try? String(contentsOfFile: "\(records)/\(id)/run.json", encoding: .utf8))?
            .contains("\"killAt\"") == true
        }
      }
      return stop
    }

    @Test func `while one container takes its time to end another is started again at once`() throws {
      let engine = try TestEngine()
      let file = try engine.stack("slow", stack)
      #expect(try engine.cairn("-f", file, "up", "-d").status == 0)
      let (slow, quick) = (try pid(engine, file, "slow-slow-1"), try pid(engine, file, "slow-quick-1"))
      let stop = try stop(engine, file)
      kill(pid_t(quick), SIGKILL)
      let next = try eventually("the other one runs again", within: 4) {
        try state(engine, file, "slow-quick-1")["State"] as? String == "running"
          ? try pid(engine, file, "slow-quick-1") : nil
      }
      #expect(next != quick)
      #expect(try pid(engine, file, "slow-slow-1") == slow, "it ended before its time")
      stop.waitUntilExit()
      #expect(stop.terminationStatus == 0)
      let row = try state(engine, file, "slow-slow-1")
      #expect(row["State"] as? String == "exited" && row["ExitCode"] as? Int == 137, "\(row)")
    }

    @Test func `an engine that starts in the middle of a stop kills at the time that was set`() throws {
      let engine = try TestEngine()
      let file = try engine.stack("late", stack)
      #expect(try engine.cairn("-f", file, "up", "-d").status == 0)
      let began = Date()
      let stop = try stop(engine, file)
      engine.crash()
      stop.waitUntilExit()
      try engine.start()
      #expect(try state(engine, file, "late-slow-1")["State"] as? String == "running")
      let row = try eventually("the container is killed") {
        let row = try state(engine, file, "late-slow-1")
        return row["State"] as? String == "exited" ? row : nil
      }
      #expect(row["ExitCode"] as? Int == 137, "\(row)")
      #expect(Date().timeIntervalSince(began) > 7, "it was killed before its time")
      #expect(try state(engine, file, "late-quick-1")["State"] as? String == "running")
    }
  }
}
