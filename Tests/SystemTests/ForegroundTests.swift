import Foundation
import Testing

extension RealContainers {
  @Suite struct ForegroundTests {
    @Test func `up in the foreground shows output and an interrupt stops the stack`() throws {
      let engine = try TestEngine()
      let file = try engine.stack(
        "fore",
        """
        services:
          one:
            image: busybox
            command: sh -c 'echo first words; sleep infinity'
            init: true
          two:
            image: busybox
            command: sh -c 'echo second words; exit 3'
        """)
      let up = Process()
      up.executableURL = URL(filePath: engine.binary)
      up.arguments = ["-f", file, "up"]
      up.environment = ProcessInfo.processInfo.environment.merging(["CAIRN_HOST": engine.host]) { $1 }
      let path = engine.root + "/up.out"
      _ = FileManager.default.createFile(atPath: path, contents: nil)
      up.standardOutput = try FileHandle(forWritingTo: URL(filePath: path))
      up.standardError = FileHandle.nullDevice
      up.standardInput = FileHandle.nullDevice
      try up.run()
      defer {
        kill(up.processIdentifier, SIGKILL)
        up.waitUntilExit()
      }
      _ = try eventually("both outputs and the end of one are shown") { () -> Bool? in
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return text.contains("one-1  | first words") && text.contains("two-1  | second words")
          && text.contains("two-1 exited with code 3") ? true : nil
      }
      kill(up.processIdentifier, SIGINT)
      _ = try eventually("the command ends") { up.isRunning ? nil : true }
      #expect(up.terminationStatus == 130)
      #expect(try engine.ps(file).allSatisfy { $0["State"] as? String == "exited" })
    }
  }
}
