import Kernel
import Stacks
import Testing

@testable import Containers

@Suite struct `A container that shares namespaces` {
  /// Starts one that stays, and gives `body` its ID once it has said that it is ready.
  private func withFirst(_ script: String, _ body: (Sandbox, ContainerID) async throws -> Void) async throws {
    try await withSandbox { sandbox in
      var first = try sandbox.shell(script + "; echo ready; sleep 1000")
      first.hostname = "first"
      _ = try await sandbox.start(first)
      let id = first.id
      #expect(
        await soon {
          ((try? Files.readText("\(sandbox.root)/data/\(id)/log")) ?? "").contains("ready")
        })
      try await body(sandbox, id)
    }
  }

  @Test func `with another has its processes, host name, semaphores and shared memory`() async throws {
    try await withFirst("echo kept > /dev/shm/file") { sandbox, first in
      var request = try sandbox.shell(
        """
        for n in pid ipc uts mnt; do readlink /proc/self/ns/$n; done
        hostname; cat /dev/shm/file; echo more > /dev/shm/other; echo $HOSTNAME; [ $$ = 1 ] || echo not first
        grep -E ' /dev/shm ' /proc/self/mountinfo | cut -d' ' -f6
        """)
      let runtime = sandbox.runtime
      request.hostname = "second"
      request.sharing.processes = .of(try runtime.namespace("pid", of: first))
      request.sharing.ipc = .of(try runtime.namespace("ipc", of: first))
      request.sharing.sharedMemoryOf = try runtime.namespace("mnt", of: first)
      request.sharing.hostName = .of(try runtime.namespace("uts", of: first))
      let lines = try await sandbox.run(request).output.split(separator: "\n").map(String.init)
      guard case .running(let process, _) = try runtime.status(of: first) else {
        throw Unexpected("the first container has ended")
      }
      let its = try ["pid", "ipc", "uts", "mnt"].map { try Files.readLink("/proc/\(process)/ns/\($0)") }
      #expect(Array(lines.prefix(3)) == Array(its.prefix(3)))
      #expect(lines[3] != its[3])
      #expect(
        Array(lines.dropFirst(4)) == [
          "first", "kept", "second", "not first", "rw,nosuid,nodev,noexec,relatime",
        ])
      let session = try await runtime.run(
        ExecRequest(arguments: ["cat", "/dev/shm/other"]), in: first, limit: 99)
      #expect(session.output == Array("more\n".utf8))
    }
  }

  @Test func `with another ends alone, and with the other's first process it ends too`() async throws {
    try await withFirst("true") { sandbox, first in
      var request = try sandbox.shell("sleep 1000")
      request.sharing.processes = .of(try sandbox.runtime.namespace("pid", of: first))
      _ = try await sandbox.start(request)
      let second = try sandbox.request("sh", "-c", "exit 3")
      #expect(try await sandbox.run(second).record.code == 3)
      var third = try sandbox.shell("kill $$")
      third.sharing.processes = .of(try sandbox.runtime.namespace("pid", of: first))
      #expect(try await sandbox.run(third).record.code == 143)
      if case .running = try sandbox.runtime.status(of: first) {} else { Issue.record("the first has ended") }
      try sandbox.runtime.signal(9, to: first)
      #expect(try await sandbox.end(of: request.id).code == 137)
    }
  }

  @Test func `with the machine sees what the machine has`() async throws {
    try await withSandbox { sandbox in
      let output = try await sandbox.output(
        "for n in pid ipc uts; do readlink /proc/self/ns/$n; done; [ $$ = 1 ] || echo not first"
      ) {
        $0.sharing.processes = .host
        $0.sharing.ipc = .host
        $0.sharing.hostName = .host
      }
      let own = try ["pid", "ipc", "uts"].map { try Files.readLink("/proc/thread-self/ns/\($0)") }
      #expect(output == own.map { $0 + "\n" }.joined() + "not first\n")
      // Exec joins the same.
      var long = try sandbox.shell("sleep 1000")
      long.sharing.processes = .host
      _ = try await sandbox.start(long)
      let seen = try await sandbox.runtime.run(
        ExecRequest(arguments: ["readlink", "/proc/self/ns/pid"]), in: long.id, limit: 99)
      #expect(String(decoding: seen.output, as: UTF8.self) == own[0] + "\n")
    }
  }

  @Test func `may see all cgroups, and never write to them`() async throws {
    for hierarchy in Machine.hierarchies {
      try await withSandbox { sandbox in
        try await withCgroups(on: hierarchy) { cgroups in
          var request = try sandbox.shell(
            "cat /proc/self/cgroup; find /sys/fs/cgroup -type d | head -1; touch /sys/fs/cgroup/x 2>&1")
          request.cgroup = try cgroups.create(id: request.id)
          request.sharing.seesAllCgroups = true
          let output = try await sandbox.run(request).output
          #expect(output.contains("/\(cgroups.engineGroup)/\(request.id)\n"), "\(output)")
          #expect(output.contains("Read-only file system"))
          try cgroups.remove(id: request.id)
        }
      }
    }
  }

  @Test func `cannot set what belongs to the other`() async throws {
    try await withSandbox { sandbox in
      var request = try sandbox.shell("true")
      request.sharing.ipc = .host
      request.sysctls = ["kernel.msgmax": "9000"]
      await #expect(throws: RuntimeError.self) { try await sandbox.run(request) }
      request.sharing.ipc = .own
      request.sharing.hostName = .host
      request.sysctls = ["kernel.domainname": "x"]
      await #expect(throws: RuntimeError.self) { try await sandbox.run(request) }
      #expect(throws: RuntimeError.notRunning(id: request.id.description)) {
        try sandbox.runtime.namespace("net", of: request.id)
      }
    }
  }
}
