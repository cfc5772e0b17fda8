import Kernel
import Stacks
import Testing

@testable import Containers

@Suite struct `A log entry` {
  @Test func `is read from the form that the shim writes`() throws {
    let entry = try #require(LogEntry(line: Array("2026-02-28T23:59:59.000000001Z stderr F a b ".utf8)))
    #expect(entry.time == Moment(nanoseconds: 1_772_323_199_000_000_001))
    #expect(entry.stream == .stderr)
    #expect(entry.text == "a b ")
    #expect(!entry.isPartial)
    #expect(LogEntry(line: Array("1970-01-01T00:00:00.000000000Z stdout P ".utf8))?.bytes == [])
    #expect(
      LogEntry(line: Array("2024-02-29T12:00:00.500000000Z cairn F x".utf8))?.time
        == Moment(nanoseconds: 1_709_208_000_500_000_000))
  }

  @Test(arguments: [
    "", "2026-02-28T23:59:59.000000001Z", "2026-02-28T23:59:59.000000001Z stdout",
    "2026-13-28T23:59:59.000000001Z stdout F x",
    "2026-02-28T23:59:59.000000001Z other F x", "2026-02-28T23:59:59.000000001Z stdout X x", "x",
    "2026-02-28 23:59:59.000000001Z stdout F x", "2026-02-28T23:59:59.000000001Z stdout F",
  ])
  func `is not made of anything else`(line: String) { #expect(LogEntry(line: Array(line.utf8)) == nil) }
}

@Suite struct `The output of a container` {
  @Test func `is kept line by line, each stream in its order, with times`() async throws {
    try await withSandbox { sandbox in
      let before = Moment(nanoseconds: Clocks.wall())
      let request = try sandbox.shell(
        "for i in $(seq 300); do echo out$i; echo err$i >&2; done; printf 'no end'")
      try await sandbox.run(request)
      var entries: [LogEntry] = []
      for try await entry in sandbox.runtime.logs(request.id) { entries.append(entry) }
      let out = entries.filter { $0.stream == .stdout }
      #expect(out.map(\.text) == (1...300).map { "out\($0)" } + ["no end"])
      #expect(out.map(\.isPartial) == [Bool](repeating: false, count: 300) + [true])
      #expect(entries.filter { $0.stream == .stderr }.map(\.text) == (1...300).map { "err\($0)" })
      let after = Moment(nanoseconds: Clocks.wall())
      #expect(entries.allSatisfy { before <= $0.time && $0.time <= after })
    }
  }

  @Test func `is split at 16 KiB and keeps every byte`() async throws {
    try await withSandbox { sandbox in
      let request = try sandbox.shell("head -c 40000 /dev/zero | tr '\\0' x; echo; printf '\\377\\0\\001\\n'")
      try await sandbox.run(request)
      var entries: [LogEntry] = []
      for try await entry in sandbox.runtime.logs(request.id) { entries.append(entry) }
      #expect(entries.map(\.bytes.count) == [16384, 16384, 7232, 3])
      #expect(entries.map(\.isPartial) == [true, true, false, false])
      #expect(entries.last?.bytes == [255, 0, 1])
    }
  }

  @Test func `can be read from its end or from a time on`() async throws {
    try await withSandbox { sandbox in
      let request = try sandbox.shell("seq 5000")
      try await sandbox.run(request)
      func texts(_ stream: LogStream) async throws -> [String] {
        var texts: [String] = []
        for try await entry in stream { texts.append(entry.text) }
        return texts
      }
      let logs = sandbox.runtime.logs
      #expect(try await texts(logs(request.id, 3, nil, false)) == ["4998", "4999", "5000"])
      #expect(try await texts(logs(request.id, 0, nil, false)) == [])
      #expect(try await texts(logs(request.id, 3000, nil, false)) == (2001...5000).map(String.init))
      #expect(try await texts(logs(request.id, 9000, nil, false)).count == 5000)
      #expect(try await texts(logs(request.id, nil, nil, true)).count == 5000)
      var last: LogEntry?
      for try await entry in logs(request.id, 1, nil, false) { last = entry }
      let end = try #require(last).time
      #expect(try await texts(logs(request.id, nil, end, false)).last == "5000")
      #expect(try await texts(logs(request.id, nil, end + .seconds(1), false)) == [])
      #expect(try await texts(logs(.random(), nil, nil, true)) == [])
    }
  }

  @Test func `is followed until the container ends`() async throws {
    try await withSandbox { sandbox in
      var request = try sandbox.shell("echo one; while read line; do echo got $line; done; echo end")
      request.keepsStdin = true
      _ = try await sandbox.start(request)
      let session = try sandbox.runtime.attach(request.id, givesInput: true)
      var seen: [String] = []
      for try await entry in sandbox.runtime.logs(request.id, follow: true) {
        seen.append(entry.text)
        if seen.count <= 3 {
          try await session.send(Array("\(seen.count)\n".utf8))
        } else if seen.count == 4 {
          try await session.closeStdin()
        }
      }
      #expect(seen == ["one", "got 1", "got 2", "got 3", "end"])
      #expect(try await sandbox.end(of: request.id).code == 0)
    }
  }

  @Test func `is followed until a killed shim's end`() async throws {
    try await withSandbox { sandbox in
      let request = try sandbox.shell("echo one; exec sleep 1000")
      _ = try await sandbox.start(request)
      let shim = try #require(try sandbox.runtime.shim(of: request.id))
      var seen: [String] = []
      for try await entry in sandbox.runtime.logs(request.id, follow: true) {
        seen.append(entry.text)
        try shim.send(9)
      }
      #expect(seen == ["one"])
    }
  }

  @Test func `goes to whoever attached before the start from its first byte`() async throws {
    try await withSandbox { sandbox in
      let request = try sandbox.shell("echo out; echo err >&2; exit 4")
      let prepared = try await sandbox.runtime.prepare(request)
      let session = try sandbox.runtime.attach(request.id, givesInput: true)
      _ = try await sandbox.runtime.release(prepared)
      var streams: [OutputChunk.Stream: String] = [:]
      while let chunk = try await session.next() {
        streams[chunk.stream, default: ""] += String(decoding: chunk.bytes, as: UTF8.self)
      }
      #expect(streams == [.stdout: "out\n", .stderr: "err\n"])
      #expect(throws: RuntimeError.notRunning(id: request.id.description)) {
        try sandbox.runtime.attach(request.id, givesInput: false)
      }
    }
  }

  @Test func `waits for an attached client that gives input, and loses nothing`() async throws {
    try await withSandbox { sandbox in
      var request = try sandbox.shell("head -c 3000000 /dev/zero | tr '\\0' y")
      request.keepsStdin = true
      let prepared = try await sandbox.runtime.prepare(request)
      let session = try sandbox.runtime.attach(request.id, givesInput: true)
      let onlooker = try sandbox.runtime.attach(request.id, givesInput: false)
      _ = try await sandbox.runtime.release(prepared)
      // Nobody reads yet: it must not have ended.
      #expect(
        try await soon { try Files.readText(sandbox.runtime.logPath(of: request.id)).utf8.count > 16000 })
      guard case .running = try sandbox.runtime.status(of: request.id) else {
        Issue.record("it did not wait")
        return
      }
      var count = 0
      while let chunk = try await session.next() { count += chunk.bytes.count }
      #expect(count == 3_000_000)
      var glimpsed = 0
      while let chunk = try await onlooker.next() { glimpsed += chunk.bytes.count }
      #expect(glimpsed < 3_000_000)
    }
  }

  @Test func `does not wait for a mere onlooker`() async throws {
    try await withSandbox { sandbox in
      let request = try sandbox.shell("head -c 2000000 /dev/zero")
      let prepared = try await sandbox.runtime.prepare(request)
      let onlooker = try sandbox.runtime.attach(request.id, givesInput: false)
      _ = try await sandbox.runtime.release(prepared)
      #expect(try await sandbox.end(of: request.id).code == 0)
      _ = try await onlooker.next()
    }
  }

  @Test func `goes on while the log's disk is full, and the log says so`() async throws {
    try await withSandbox { sandbox in
      let data = "\(sandbox.root)/data"
      try #require(Scratch.mountTmpfs(data, size: 64 << 10))
      defer { Scratch.unmount(data) }
      let runtime = try sandbox.restarted()
      var request = try sandbox.shell(
        "head -c 200000 /dev/zero | tr '\\0' 'z' | sed 's/.\\{99\\}/&\\n/g'; echo; read x; echo after; read y; echo last"
      )
      request.keepsStdin = true
      _ = try await runtime.release(try await runtime.prepare(request))
      let session = try runtime.attach(request.id, givesInput: true)
      let log = runtime.logPath(of: request.id)
      #expect(try await soon { try Files.read(log).count > 60000 })
      try await session.send(Array("x\n".utf8))
      while let chunk = try await session.next() {
        if String(decoding: chunk.bytes, as: UTF8.self).contains("after") { break }
      }
      // Room again: the next line is kept, and before it what was lost.
      try Scratch.resizeTmpfs(data, size: 1 << 20)
      try await session.send(Array("y\n".utf8))
      #expect(try await sandbox.end(of: request.id).code == 0)
      var entries: [LogEntry] = []
      for try await entry in runtime.logs(request.id) { entries.append(entry) }
      #expect(entries.last?.text == "last")
      let notice = try #require(entries.last { $0.stream == .notice })
      #expect(notice.text.hasSuffix("lines of output could not be stored: the disk is full"))
    }
  }

  @Test func `of a terminal is one stream, with a window and a controlling terminal`() async throws {
    try await withSandbox { sandbox in
      var request = try sandbox.shell(
        "tty; stty size; ls -l /dev/console | cut -c1; echo $TERM; read x; stty size; read y; echo \"$x$y\"")
      request.hasTerminal = true
      request.keepsStdin = true
      request.window = TerminalSize(rows: 33, columns: 111)
      let prepared = try await sandbox.runtime.prepare(request)
      let session = try sandbox.runtime.attach(request.id, givesInput: true)
      _ = try await sandbox.runtime.release(prepared)
      var text = ""
      func wait(for wanted: String) async throws {
        while !text.contains(wanted), let chunk = try await session.next() {
          #expect(chunk.stream == .stdout)
          text += String(decoding: chunk.bytes, as: UTF8.self)
        }
      }
      try await wait(for: "xterm")
      try await session.resize(TerminalSize(rows: 40, columns: 90))
      try await session.send(Array("a\r".utf8))
      try await wait(for: "40 90")
      try await session.send(Array("b\r".utf8))
      try await wait(for: "never")
      #expect(text == "/dev/pts/0\r\n33 111\r\nc\r\nxterm\r\na\r\n40 90\r\nb\r\nab\r\n")
      #expect(try await sandbox.end(of: request.id).code == 0)
    }
  }

  @Test
  func `of a terminal ends its reader with the end-of-file character, and the interrupt key interrupts`()
    async throws
  {
    try await withSandbox { sandbox in
      for runsInit in [false, true] {
        var request = try sandbox.shell(
          "cat; trap 'echo; echo int; exit 5' INT; echo ready; while :; do sleep 0.05; done")
        request.hasTerminal = true
        request.keepsStdin = true
        request.runsInit = runsInit
        let prepared = try await sandbox.runtime.prepare(request)
        let session = try sandbox.runtime.attach(request.id, givesInput: true)
        _ = try await sandbox.runtime.release(prepared)
        try await session.send(Array("line\r".utf8))
        var text = ""
        while let chunk = try await session.next() {
          text += String(decoding: chunk.bytes, as: UTF8.self)
          if text.hasSuffix("line\r\nline\r\n") { try await session.closeStdin() }
          if text.hasSuffix("ready\r\n") { try await session.send([3]) }
        }
        #expect(text.contains("int"))
        #expect(try await sandbox.end(of: request.id).code == 5)
      }
    }
  }

  @Test func `of standard input is the container's null device where nobody asked for one`() async throws {
    try await withSandbox { sandbox in
      try await sandbox.expect("cat; readlink /proc/self/fd/0", prints: "/dev/null\n")
    }
  }

  @Test func `can be opened anew by a user that is not root`() async throws {
    try await withSandbox { sandbox in
      try await sandbox.expect("echo again > /dev/stdout; echo err > /dev/stderr", prints: "again\nerr\n") {
        $0.user = "app"
      }
    }
  }
}
