import Glibc
import Stacks
import Testing

@testable import Containers
@testable import Kernel

@Suite struct `The shim` {
  @Test func `outlives the engine, and the next engine finds container, output and exit`() async throws {
    try await withSandbox { sandbox in
      let request = try sandbox.shell(
        "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done")
      let started = try await sandbox.start(request)
      let second = try sandbox.restarted()
      let exits = second.exits()
      #expect(try second.adopt() == [request.id])
      #expect(
        try second.status(of: request.id) == .running(process: started.process, startedAt: started.startedAt))
      for try await entry in second.logs(request.id, follow: true) {
        if entry.text == "ready" { try second.signal(15, to: request.id) }
      }
      var iterator = exits.makeAsyncIterator()
      #expect(await iterator.next() == request.id)
      guard case .exited(let record) = try second.status(of: request.id) else {
        Issue.record("not exited")
        return
      }
      #expect(record.code == 3)
      #expect(record.startedAt == started.startedAt)
      try second.clear(request.id)
      #expect(try second.status(of: request.id) == .absent)
      #expect(Files.exists(second.logPath(of: request.id)))
    }
  }

  @Test func `is asked again where its record was replaced or is gone`() async throws {
    try await withSandbox { sandbox in
      let request = try sandbox.shell("exit 4")
      _ = try await sandbox.start(request)
      let first = try await sandbox.end(of: request.id)
      #expect(first.code == 4)
      let file = sandbox.runtime.directory(of: request.id) + "/exit"
      for code in Int32(5)..<25 {
        var record = first
        record.code = code
        try Files.replace(file, with: record.text.utf8)
        #expect(try sandbox.runtime.status(of: request.id) == .exited(record))
        #expect(try sandbox.runtime.status(of: request.id) == .exited(record))
      }
      try Files.remove(file)
      guard case .lost = try sandbox.runtime.status(of: request.id) else {
        Issue.record("a record that is gone counts on")
        return
      }
    }
  }

  @Test func `wakes up the engine when a container ends`() async throws {
    try await withSandbox { sandbox in
      let exits = sandbox.runtime.exits()
      var wanted: Set<ContainerID> = []
      for code in 0..<5 {
        let request = try sandbox.shell("exit \(code)")
        wanted.insert(request.id)
        _ = try await sandbox.start(request)
      }
      for await id in exits {
        wanted.remove(id)
        guard case .exited = try sandbox.runtime.status(of: id) else {
          Issue.record("woken up before the record was there")
          return
        }
        if wanted.isEmpty { break }
      }
    }
  }

  @Test func `that is killed takes its container along, which is lost and can be removed`() async throws {
    for (user, runsInit) in [(nil, false), ("app", false), ("app", true)] as [(String?, Bool)] {
      try await withSandbox { sandbox in
        var request = try sandbox.request("sleep", "1000")
        request.user = user
        request.runsInit = runsInit
        let started = try await sandbox.start(request)
        let shim = try #require(try sandbox.runtime.shim(of: request.id))
        #expect(throws: RuntimeError.running(id: request.id.description)) {
          try sandbox.runtime.clear(request.id)
        }
        try shim.send(9)
        #expect(await soon { Processes.startTicks(started.process) == nil })
        #expect(
          try await soon { try sandbox.runtime.status(of: request.id) == .lost(startedAt: started.startedAt) }
        )
        try await sandbox.runtime.end(request.id)
        let end = started.startedAt + .seconds(7)
        try sandbox.runtime.recordLoss(of: request.id, at: end)
        let record = ExitRecord(code: 137, signal: 9, startedAt: started.startedAt, finishedAt: end)
        #expect(try sandbox.runtime.status(of: request.id) == .exited(record))
        // What is on record is not written over.
        try sandbox.runtime.recordLoss(of: request.id, at: end + .seconds(1))
        #expect(try sandbox.runtime.status(of: request.id) == .exited(record))
        try sandbox.runtime.clear(request.id)
        #expect(try sandbox.runtime.status(of: request.id) == .absent)
      }
    }
  }

  @Test func `costs less than 300 KiB of memory for each container`() async throws {
    try await withSandbox { sandbox in
      // Two, so that the program, which they share, does not count as either's own.
      let other = try sandbox.request("sleep", "1000")
      _ = try await sandbox.start(other)
      let request = try sandbox.shell("seq 2000; exec sleep 1000")
      _ = try await sandbox.start(request)
      let log = sandbox.runtime.logPath(of: request.id)
      #expect(try await soon { try Files.readText(log).hasSuffix(" 2000\n") })
      let state = try #require(try sandbox.runtime.state(of: request.id))
      let lines = try Files.readText("/proc/\(state.shim.number)/smaps_rollup").split(separator: "\n")
      let memory = lines.filter { $0.hasPrefix("Private_") }
        .compactMap { Int($0.split(separator: " ")[1]) }.reduce(0, +)
      #expect(memory > 0 && memory < 300, "\(memory) KiB")
    }
  }

  @Test func `ignores signals that are meant for the engine`() async throws {
    try await withSandbox { sandbox in
      let request = try sandbox.request("sleep", "1000")
      _ = try await sandbox.start(request)
      let shim = try #require(try sandbox.runtime.shim(of: request.id))
      for signal: Int32 in [1, 2, 13, 15] { try shim.send(signal) }
      #expect(
        try await sandbox.runtime.run(ExecRequest(arguments: ["true"]), in: request.id, limit: 0).status.code
          == 0)
      guard case .running = try sandbox.runtime.status(of: request.id) else {
        Issue.record("ended")
        return
      }
    }
  }

  @Test func `has no socket that a container on the host's network could reach (2020-15257)`() async throws {
    try await withSandbox { sandbox in
      _ = try await sandbox.start(try sandbox.request("sleep", "1000"))
      let sockets = try await sandbox.output("cat /proc/net/unix") { $0.network = .host }
      #expect(!sockets.contains("@cairn"))
      let directory = "\(sandbox.root)/run"
      for id in try Files.list(directory) {
        #expect(Scratch.mode("\(directory)/\(id)") == 0o700)
        if Files.exists("\(directory)/\(id)/attach") {
          #expect(Scratch.mode("\(directory)/\(id)/attach") == 0o600)
        }
      }
    }
  }

  @Test func `gives up a container that is not released`() async throws {
    try await withSandbox { sandbox in
      let request = try sandbox.shell("echo never")
      let prepared = try await sandbox.runtime.prepare(request)
      #expect(Processes.startTicks(prepared.process) != nil)
      await sandbox.runtime.abandon(prepared)
      #expect(Processes.startTicks(prepared.process) == nil)
      #expect(try sandbox.runtime.status(of: request.id) == .absent)
      var process: Int32 = 0
      do { process = try await sandbox.runtime.prepare(request).process }  // dropped, as when the engine dies
      #expect(await soon { Processes.startTicks(process) == nil })
      #expect(try await sandbox.run(request).output == "never\n")
    }
  }

  @Test func `starts another server of shims where it was killed, and ends it in the end`() async throws {
    var last: Int32 = 0
    try await withSandbox { sandbox in
      let long = try sandbox.request("sleep", "1000")
      let process = try await sandbox.start(long).process
      let first = try #require(sandbox.runtime.shims.process)
      kill(first, SIGKILL)
      #expect(await soon { Processes.startTicks(first) == nil })
      #expect(try await sandbox.run(sandbox.shell("echo again")).output == "again\n")
      last = try #require(sandbox.runtime.shims.process)
      #expect(last != first)
      // What the first one had started is none the worse for it.
      #expect(Processes.startTicks(process) != nil)
      try sandbox.runtime.signal(9, to: long.id)
      #expect(try await sandbox.end(of: long.id).code == 137)
    }
    #expect(await soon { Processes.startTicks(last) == nil })
  }

  @Test func `starts the same container again, and the log goes on`() async throws {
    try await withSandbox { sandbox in
      let request = try sandbox.shell("echo x >> /n; wc -l < /n; exit 2")
      #expect(try await sandbox.run(request).record.code == 2)
      #expect(try await sandbox.run(request).output == "1\n2\n")
      let running = try sandbox.request("sleep", "1000")
      _ = try await sandbox.start(running)
      await #expect(throws: RuntimeError.running(id: running.id.description)) {
        try await sandbox.runtime.prepare(running)
      }
    }
  }

  @Test func `leaves no mount, process or directory behind`() async throws {
    var root = ""
    try await withSandbox { sandbox in
      root = sandbox.root
      var processes: [Int32] = []
      try await withThrowingTaskGroup(of: StartedContainer.self) { group in
        for _ in 0..<20 {
          var request = try sandbox.shell("sleep 1000 & sleep 1000")
          request.mounts = [LaunchMount(.tmpfs(size: nil, mode: 0o755), target: "/t")]
          group.addTask { [request] in try await sandbox.start(request) }
        }
        for try await started in group { processes.append(started.process) }
      }
      #expect(Set(processes).count == 20)
      for id in try sandbox.runtime.adopt() {
        try sandbox.runtime.signal(9, to: id)
        #expect(try await sandbox.end(of: id).code == 137)
        try sandbox.runtime.clear(id)
      }
      #expect(try Files.list("\(sandbox.root)/run").isEmpty)
      for id in try Files.list("\(sandbox.root)/data") {
        #expect(try Files.list("\(sandbox.root)/data/\(id)") == ["log"])
      }
      #expect(processes.allSatisfy { Processes.startTicks($0) == nil })
      // Other suites mount what is theirs meanwhile; all that is ours names our directory.
      #expect(try !Files.readText("/proc/self/mountinfo").contains(sandbox.root))
      #expect(try Scratch.shims(of: sandbox.root).isEmpty)
    }
    #expect(!Files.exists(root))
  }

  @Test func `refuses to be started by hand and to follow a broken plan`() throws {
    let program = try MemFD.sealedProgram(Sandbox.shim)
    let null = try Spawn.null()
    let byHand = try Spawn.program(program, arguments: ["cairn-shim"], descriptors: [null, null, null])
    #expect(Scratch.exitCode(of: byHand.process) == 2)
    let (ours, theirs) = try PacketSocket.pair()
    let broken = try MemFD.sealed("plan", [1, 2, 3])
    let other = try Spawn.program(
      program, arguments: ["cairn-shim"], descriptors: [null, null, null, broken, theirs.descriptor])
    #expect(Scratch.exitCode(of: other.process) == 125)
    let packet = try #require(try ours.receive(upTo: LaunchReport.largest))
    guard case .failed(let error, 125)? = LaunchReport(packet) else {
      Issue.record("no failure was reported")
      return
    }
    #expect(error.description == "read the launch plan it is not a launch plan: Invalid argument")
  }
}
