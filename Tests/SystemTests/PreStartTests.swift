import Foundation
import Testing

extension RealContainers {
  /// `pre_start`: containers that end before the replicas start.
  @Suite struct PreStartTests {
    /// Each step and each replica leaves a line in the volume.
    private func text(_ version: String, replicas: Int = 2, second: String = "true") -> String {
      """
      services:
        web:
          image: busybox
          command: sh -c 'echo \(version) >> /data/log; exec sleep infinity'
          init: true
          environment: {WHO: "\(version)"}
          volumes: ["data:/data"]
          pre_start:
            - command: ["sh", "-c", "sleep 0.3; echo first $$WHO >> /data/log"]
              volumes: ["data:/data"]
            - command: ["sh", "-c", "echo second $$MORE >> /data/log; \(second)"]
              environment: {MORE: more}
              volumes: ["data:/data"]
          deploy: {replicas: \(replicas)}
      volumes: {data: {}}

      """
    }

    @Test func `steps run in order before the replicas, and again when the service changes`() throws {
      let engine = try TestEngine()
      let file = try engine.up("steps", text("one"))
      func log() throws -> String { try engine.inside(file, "web", "cat /data/log") }
      #expect(try log() == "first one\nsecond more\none\none\n")

      // Not when it is only asked for again, gets more replicas, or a replica ends.
      #expect(try engine.cairn("-f", file, "up", "-d", "--scale", "web=3").status == 0)
      #expect(try log() == "first one\nsecond more\none\none\none\n")
      #expect(try engine.cairn("-f", file, "restart", "web").status == 0)
      #expect(try log() == "first one\nsecond more\n" + String(repeating: "one\n", count: 6))

      try text("two").write(toFile: file, atomically: true, encoding: .utf8)
      let second = try engine.cairn("-f", file, "up", "-d")
      #expect(second.status == 0, "\(second)")
      #expect(try log().hasSuffix("one\nfirst two\nsecond more\ntwo\ntwo\n"))

      // What of the service the steps do not have counts too.
      try text("two").replacing("exec sleep infinity", with: "exec sleep 1000000")
        .write(toFile: file, atomically: true, encoding: .utf8)
      let third = try engine.cairn("-f", file, "up", "-d")
      #expect(third.status == 0, "\(third)")
      #expect(try log().hasSuffix("two\ntwo\nfirst two\nsecond more\ntwo\ntwo\n"), "\(third)")
      let states = try engine.ps(file).map { "\($0["Service"] ?? "") \($0["State"] ?? "")" }.sorted()
      #expect(
        states == ["web running", "web running", "web-pre_start-1 exited", "web-pre_start-2 exited"],
        "\(states)")
      #expect(try engine.cairn("-f", file, "down", "-v").status == 0)
    }

    @Test func `a step that fails keeps the service from starting, and is kept to be looked at`() throws {
      let engine = try TestEngine()
      let file = try engine.stack("gate", text("one", second: "echo no way; exit 3"))
      let first = try engine.cairn("-f", file, "up", "-d")
      #expect(first.status == 1)
      #expect(first.err.contains("dependency failed: web-pre_start-2:1 exited with 3"), "\(first)")
      #expect(try engine.ps(file).allSatisfy { $0["State"] as? String != "running" })
      #expect(try engine.cairn("-f", file, "logs", "web-pre_start-2").out.contains("no way"))

      // Mended, it goes on; what has ended well before is not run again where nothing of it has changed.
      try text("one").write(toFile: file, atomically: true, encoding: .utf8)
      let second = try engine.cairn("-f", file, "up", "-d")
      #expect(second.status == 0, "\(second)")
      #expect(
        try engine.inside(file, "web", "cat /data/log") == "first one\nsecond more\nsecond more\none\none\n")
    }
  }
}
