import Kernel
import Stacks
import Testing

@testable import Containers

@Suite struct `The life of a container` {
  @Test func `a program runs, writes and ends with its own exit code`() async throws {
    try await withSandbox { sandbox in
      let (record, output) = try await sandbox.run(try sandbox.shell("echo hello; echo err >&2; exit 7"))
      #expect(record.code == 7)
      #expect(record.signal == nil)
      #expect(record.finishedAt >= record.startedAt)
      #expect(output.split(separator: "\n").sorted() == ["err", "hello"])
    }
  }

  @Test func `a signal that ends it is recorded`() async throws {
    try await withSandbox { sandbox in
      let request = try sandbox.request("sleep", "1000")
      let started = try await sandbox.start(request)
      #expect(
        try sandbox.runtime.status(of: request.id)
          == .running(process: started.process, startedAt: started.startedAt))
      try sandbox.runtime.signal(9, to: request.id)
      let record = try await sandbox.end(of: request.id)
      #expect(record.code == 137)
      #expect(record.signal == 9)
      #expect(throws: RuntimeError.notRunning(id: request.id.description)) {
        try sandbox.runtime.signal(15, to: request.id)
      }
    }
  }

  @Test func `its root stays mounted for who holds it, and neither its end nor its removal waits for that`()
    async throws
  {
    try await withSandbox { sandbox in
      let request = try sandbox.shell("echo mine > /kept; exec sleep 1000")
      let started = try await sandbox.start(request)
      let layer = "\(sandbox.root)/layers/\(request.id)"
      #expect(await soon { Files.exists("\(layer)/upper/kept") })
      let root = try HostMount.root(of: started.process)
      try sandbox.runtime.signal(9, to: request.id)
      #expect(try await sandbox.end(of: request.id).code == 137)
      #expect(try HostFile.read("/proc/self/fd/\(root.number)/kept") == "mine\n")
      try Files.removeTree(layer)
      withExtendedLifetime(root) {}
      #expect(throws: SystemError.self) { try HostMount.root(of: started.process) }
    }
  }

  @Test func `a handler of process 1 gets the stop signal`() async throws {
    try await withSandbox { sandbox in
      let request = try sandbox.shell(
        "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done")
      _ = try await sandbox.start(request)
      #expect(
        try await soon { try Files.readText(sandbox.runtime.logPath(of: request.id)).contains("ready") })
      try sandbox.runtime.signal(15, to: request.id)
      #expect(try await sandbox.end(of: request.id).code == 3)
      #expect(try await sandbox.output(of: request.id) == "ready\nbye\n")
    }
  }
}
