import Foundation
import Testing

extension RealContainers {
  /// What cannot be done says so, and leaves nothing behind.
  @Suite struct FaultTests {
    private func service(_ lines: String) -> String {
      "services:\n  app:\n" + lines.split(separator: "\n").map { "    " + $0 + "\n" }.joined()
    }

    private func expectNothingLeft(_ engine: TestEngine, _ file: String, _ before: MachineState) throws {
      #expect(try engine.cairn("-f", file, "down", "-v", "-t", "0").status == 0)
      try expectEventually("the machine is as before") { try MachineState.now() == before }
      let left = try FileManager.default.contentsOfDirectory(atPath: engine.dataRoot + "/containers")
        .filter { !$0.hasPrefix(".") }
      #expect(left.isEmpty)
    }

    @Test func `a missing image is named, with what to do`() throws {
      let engine = try TestEngine()
      let before = try MachineState.now()
      let file = try engine.stack("missing", service("image: nowhere/nothing:1.2\ncommand: x"))
      let up = try engine.cairn("-f", file, "up", "-d")
      #expect(up.status != 0)
      #expect(up.err.contains("nowhere/nothing:1.2") && up.err.contains("cairn image import"), "\(up)")
      try expectNothingLeft(engine, file, before)
    }

    @Test func `a port in use names the port and who has it`() throws {
      let engine = try TestEngine()
      let before = try MachineState.now()
      let holder = Process()
      holder.executableURL = URL(filePath: "/bin/busybox")
      holder.arguments = ["nc", "-l", "-p", "18085"]
      holder.standardInput = Pipe()
      try holder.run()
      defer {
        kill(holder.processIdentifier, SIGKILL)
        holder.waitUntilExit()
      }
      _ = try eventually("the port is taken") {
        try ["tcp", "tcp6"].contains { table in
          let text = try String(contentsOfFile: "/proc/net/\(table)", encoding: .utf8)
          return text.contains(":46A5")
        } ? true : nil
      }
      let file = try engine.stack(
        "port", service("image: busybox\ncommand: sleep infinity\nports: [\"127.0.0.1:18085:80\"]"))
      let up = try engine.cairn("-f", file, "up", "-d")
      #expect(up.status != 0)
      #expect(up.err.contains("18085") && up.err.contains("busybox"), "\(up)")
      try expectNothingLeft(engine, file, before)
    }

    @Test func `a name that a container of another stack has is not given twice`() throws {
      let engine = try TestEngine()
      let text = service("image: busybox\ncommand: sleep infinity\ninit: true\ncontainer_name: only-one")
      let first = try engine.up("holder", text)
      let file = try engine.stack("late", text)
      let up = try engine.cairn("-f", file, "up", "-d")
      #expect(up.status != 0)
      #expect(up.err.contains("name only-one is in use by stack holder"), "\(up)")
      #expect(try engine.cairn("-f", first, "down", "-t", "0").status == 0)
      let again = try engine.cairn("-f", file, "up", "-d")
      #expect(again.status == 0, "\(again)")
    }

    @Test func `an absent command is an error that names it`() throws {
      let engine = try TestEngine()
      let before = try MachineState.now()
      let file = try engine.stack("absent", service("image: busybox\ncommand: [no-such-program, x]"))
      let up = try engine.cairn("-f", file, "up", "-d")
      #expect(up.status != 0)
      #expect(up.err.contains("no-such-program"), "\(up)")
      let row = try engine.ps(file).first
      #expect(row?["ExitCode"] as? Int == 127, "\(row ?? [:])")
      try expectNothingLeft(engine, file, before)
    }

    @Test func `a data root that cannot be written is said at the start`() throws {
      let folder = NSTemporaryDirectory() + "cairn-ro-" + UUID().uuidString.prefix(8)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let run = try Command.run(
        "/bin/sh",
        [
          "-c",
          "mount -t tmpfs -o ro none \(folder) && \(TestEngine.products)/cairn engine --data-root \(folder)/data --exec-root \(folder)/exec --host unix://\(folder)/s; code=$?; umount \(folder); exit $code",
        ])
      #expect(run.status != 0)
      #expect(run.err.contains("Read-only file system") && run.err.contains("--data-root"), "\(run)")
    }

    @Test func `a full disk is named and nothing half-made stays`() throws {
      let engine = try TestEngine(images: [])
      engine.stop()
      let mount = try Command.run(
        "/bin/mount", ["-t", "tmpfs", "-o", "size=6m", "none", engine.dataRoot])
      #expect(mount.status == 0, "\(mount)")
      defer {
        engine.stop()
        _ = try? Command.run("/bin/umount", [engine.dataRoot])
      }
      try engine.start()
      try engine.importImage("busybox")
      let filler = engine.dataRoot + "/filler"
      _ = try Command.run("/bin/dd", ["if=/dev/zero", "of=\(filler)", "bs=4096"])
      let file = try engine.stack("full", service("image: busybox\ncommand: sleep infinity\ninit: true"))
      let up = try engine.cairn("-f", file, "up", "-d")
      #expect(up.status != 0)
      #expect(up.err.contains("No space left on device") || up.err.contains("full"), "\(up)")
      try FileManager.default.removeItem(atPath: filler)
      let again = try engine.cairn("-f", file, "up", "-d")
      #expect(again.status == 0, "\(again)")
      #expect(try engine.cairn("-f", file, "down", "-t", "0").status == 0)
    }

    @Test func `a wrong stack file is shown with line and column`() throws {
      let engine = try TestEngine()
      let file = try engine.stack("wrong", service("imge: busybox"))
      let up = try engine.cairn("-f", file, "up", "-d")
      #expect(up.status != 0)
      #expect(up.err.contains("compose.yaml:3:5: error: ") && up.err.contains("image"), "\(up)")
    }

    @Test func `an engine that is not there is said`() throws {
      let run = try Command.run(
        TestEngine.products + "/cairn", ["ls"], environment: ["CAIRN_HOST": "unix:///nonexistent/cairn.sock"])
      #expect(run.status != 0)
      #expect(run.err.contains("/nonexistent/cairn.sock"), "\(run)")
    }
  }
}
