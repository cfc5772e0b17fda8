import Foundation
import Testing

extension RealContainers {
  /// Parts of a container are taken away behind the engine's back.
  @Suite struct LossTests {
    let stack = """
      services:
        web:
          image: busybox
          command: sleep infinity
          ports: ["18092:80"]
          volumes: ["/scratch"]
          restart: always
          stop_grace_period: 0s
      """

    private func up(_ engine: TestEngine, _ name: String, _ text: String? = nil) throws -> String {
      let file = try engine.stack(name, text ?? stack)
      let up = try engine.cairn("-f", file, "up", "-d")
      #expect(up.status == 0, "\(up)")
      return file
    }

    /// The process of the container that runs in place of `old`.
    private func successor(_ engine: TestEngine, _ file: String, _ name: String, of old: Int) throws -> Int {
      try eventually("\(name) runs again; the engine's log:\n\(engine.log(tail: 10))") {
        let row = try engine.ps(file).first { $0["Name"] as? String == name }
        guard row?["State"] as? String == "running", let id = row?["ID"] as? String else { return nil }
        let next = ((try engine.inspect(id)["State"] as? [String: Any])?["Pid"] as? Int) ?? 0
        return next > 0 && next != old ? next : nil
      }
    }

    private func id(_ engine: TestEngine, _ name: String) throws -> String {
      try #require(try engine.inspect(name)["Id"] as? String)
    }

    private func expectGone(_ pid: Int) throws {
      try expectEventually("process \(pid) is gone") { kill(pid_t(pid), 0) != 0 }
    }

    /// Takes the stack down, and finds the machine as it was.
    private func expectNoTrace(_ engine: TestEngine, _ file: String, _ before: MachineState) throws {
      let down = try engine.cairn("-f", file, "down", "-v", "-t", "0")
      #expect(down.status == 0, "\(down)")
      try expectEventually("the machine is as before: \(before)") { try MachineState.now() == before }
      let folders = [
        "\(engine.dataRoot)/containers", "\(engine.execRoot)/containers", "\(engine.execRoot)/names",
      ]
      try expectEventually("no container's directory is left") {
        try folders.flatMap { try FileManager.default.contentsOfDirectory(atPath: $0) }
          .allSatisfy { $0.hasPrefix(".") }
      }
    }

    @Test func `a container whose record is removed is made again and nothing of the old one is left`() throws
    {
      let engine = try TestEngine()
      let before = try MachineState.now()
      let file = try up(engine, "record")
      let old = try pid(engine, file, "record-web-1")
      let oldID = try id(engine, "record-web-1")
      try FileManager.default.removeItem(atPath: "\(engine.dataRoot)/containers/\(oldID)")
      _ = try successor(engine, file, "record-web-1", of: old)
      #expect(try id(engine, "record-web-1") != oldID)
      try expectGone(old)
      #expect(try engine.ps(file).count == 1)
      try expectEventually("the old one's groups are gone") {
        try MachineState.now().cgroups.allSatisfy { !$0.hasSuffix(oldID) }
      }
      try expectNoTrace(engine, file, before)
    }

    @Test func `a container whose run-time directory is removed is started again, once`() throws {
      let engine = try TestEngine()
      let before = try MachineState.now()
      let file = try up(engine, "runtime")
      let old = try pid(engine, file, "runtime-web-1")
      try FileManager.default.removeItem(
        atPath: "\(engine.execRoot)/containers/\(try id(engine, "runtime-web-1"))")
      _ = try successor(engine, file, "runtime-web-1", of: old)
      try expectGone(old)
      try expectEventually("there is one shim") {
        try MachineState.shims().count == before.shims.count + 1
      }
      try expectNoTrace(engine, file, before)
    }

    @Test func `a container whose shim is killed counts as killed and is restarted as its policy says`()
      throws
    {
      let engine = try TestEngine()
      let before = try MachineState.now()
      let file = try up(
        engine, "shim", stack + "\n  once: {image: busybox, command: sleep infinity, stop_grace_period: 0s}\n"
      )
      let shims = try MachineState.shims().subtracting(before.shims)
      #expect(shims.count == 2)
      let old = try pid(engine, file, "shim-web-1")
      let once = try pid(engine, file, "shim-once-1")
      for shim in shims { kill(pid_t(shim)!, SIGKILL) }
      _ = try successor(engine, file, "shim-web-1", of: old)
      try expectGone(old)
      try expectGone(once)
      let row = try engine.ps(file).first { $0["Name"] as? String == "shim-once-1" }
      #expect(row?["State"] as? String == "exited" && row?["ExitCode"] as? Int == 137, "\(row ?? [:])")
      try expectNoTrace(engine, file, before)
    }

    @Test func `a container all of whose processes are killed is restarted`() throws {
      let engine = try TestEngine()
      let before = try MachineState.now()
      let file = try up(
        engine, "killed",
        stack.replacingOccurrences(of: "sleep infinity", with: "sh -c 'sleep 1000 & sleep 1001'")
      )
      let old = try pid(engine, file, "killed-web-1")
      let group = try #require(try MachineState.now().cgroups.subtracting(before.cgroups).first)
      let processes = try String(contentsOfFile: group + "/cgroup.procs", encoding: .utf8).split(
        separator: "\n")
      #expect(processes.count == 2)
      for process in processes { kill(pid_t(process)!, SIGKILL) }
      _ = try successor(engine, file, "killed-web-1", of: old)
      try expectGone(old)
      try expectNoTrace(engine, file, before)
    }

    @Test func `what a shim left while no engine ran is settled by the next one`() throws {
      let engine = try TestEngine()
      let before = try MachineState.now()
      let file = try up(engine, "late")
      let old = try pid(engine, file, "late-web-1")
      engine.crash()
      for shim in try MachineState.shims().subtracting(before.shims) {
        kill(pid_t(shim)!, SIGKILL)
      }
      try engine.start()
      _ = try successor(engine, file, "late-web-1", of: old)
      try expectGone(old)
      try expectNoTrace(engine, file, before)
    }
  }
}
