import Foundation
import Testing

extension RealContainers {
  @Suite struct LeakTests {
    let stack = """
      services:
        app:
          image: busybox
          command: sleep infinity
          ports: ["18090:80", "18091:81/udp"]
          volumes: ["data:/data", "/scratch"]
          networks: [one, two]
          mem_limit: 32m
          stop_grace_period: 0s
          deploy: {replicas: 5}
      networks: {one: , two: {internal: true}}
      volumes: {data: }
      """

    @Test func `after down, the machine and both roots are as before`() throws {
      let engine = try TestEngine()
      let file = try engine.stack("leak", stack)
      func files() throws -> [String] {
        let listing = try Command.run(
          "/usr/bin/find",
          [
            engine.dataRoot, engine.execRoot, "-mindepth", "2", "-not", "-name", "*.db*", "-not", "-path",
            "*/seccomp/*",
            "-not", "-name", ".trash", "-not", "-name", ".staging", "-not", "-name", "routing.json",
          ])
        return listing.out.split(separator: "\n").map(String.init).sorted()
      }
      let machine = try MachineState.now()
      let before = try files()
      let up = try engine.cairn("-f", file, "up", "-d")
      #expect(up.status == 0, "\(up)")
      #expect(try MachineState.now() != machine, "the check sees nothing")
      #expect(try engine.cairn("-f", file, "down", "-v", "-t", "0").status == 0)
      try expectEventually("the machine is as before: \(machine)") { try MachineState.now() == machine }
      try expectEventually("the roots are as before") { try files() == before }
    }

    @Test func `after many rounds of up and down the engine's memory and descriptors are flat`() throws {
      let engine = try TestEngine()
      let file = try engine.stack("rounds", stack)
      let pid = engine.process!.processIdentifier
      func descriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
      }
      func kibibytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        return Int(status.split(separator: "\n").first { $0.hasPrefix("VmRSS") }!.split(separator: " ")[1])!
      }
      func round() throws {
        #expect(try engine.cairn("-f", file, "up", "-d").status == 0)
        #expect(try engine.cairn("-f", file, "down", "-v", "-t", "0").status == 0)
      }
      // An emulated machine takes minutes for what takes seconds elsewhere.
      let isSlow = ProcessInfo.processInfo.environment["CAIRN_SLOW"] != nil
      for _ in 0..<(isSlow ? 4 : 10) { try round() }
      let (open, memory) = (try descriptors(), try kibibytes())
      for _ in 0..<(isSlow ? 8 : 40) { try round() }
      try expectEventually("descriptors are flat: \(open) after the first rounds") {
        try descriptors() <= open + 2
      }
      let now = try kibibytes()
      #expect(
        now < memory + 6 * 1024,
        "memory grew from \(memory) KiB to \(now) KiB in the rounds after")
    }
  }
}

func expectEventually(_ what: String, _ condition: () throws -> Bool) throws {
  _ = try eventually(what) { try condition() ? true : nil }
}
