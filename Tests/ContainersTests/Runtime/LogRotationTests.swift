import Kernel
import Stacks
import Testing

@testable import Containers

@Suite struct `A log with a largest size` {
  private func texts(_ stream: LogStream) async throws -> [String] {
    var texts: [String] = []
    for try await entry in stream { texts.append(entry.text) }
    return texts
  }

  @Test func `is kept in so many files, none of them much larger, and read as one`() async throws {
    try await withSandbox { sandbox in
      var request = try sandbox.shell("seq 1000")
      request.log = LogSettings(maximumSize: 4096, maximumFiles: 3)
      try await sandbox.run(request)
      let directory = "\(sandbox.root)/data/\(request.id)"
      #expect(try Files.list(directory) == ["log", "log.1", "log.2"])
      for name in ["log.1", "log.2"] {
        let size = try Files.read("\(directory)/\(name)").count
        #expect((4096..<4096 + 64).contains(size), "\(name): \(size)")
      }
      let all = try await texts(sandbox.runtime.logs(request.id))
      #expect(all == (1...1000).suffix(all.count).map(String.init))
      #expect((100...400).contains(all.count))
      let logs = sandbox.runtime.logs
      #expect(try await texts(logs(request.id, 5, nil, false)) == ["996", "997", "998", "999", "1000"])
      // More than the newest file has.
      #expect(try await texts(logs(request.id, all.count - 1, nil, false)) == Array(all.dropFirst()))
      #expect(try await texts(logs(request.id, 5000, nil, false)) == all)
      #expect(try await texts(logs(request.id, 0, nil, false)) == [])
    }
  }

  @Test func `of one file begins anew`() async throws {
    try await withSandbox { sandbox in
      var request = try sandbox.shell("seq 1000")
      request.log = LogSettings(maximumSize: 4096)
      try await sandbox.run(request)
      #expect(try Files.list("\(sandbox.root)/data/\(request.id)") == ["log"])
      let all = try await texts(sandbox.runtime.logs(request.id))
      #expect(all == (1...1000).suffix(all.count).map(String.init) && all.count < 150)
    }
  }

  @Test func `loses nothing for whoever follows it through its changes of file`() async throws {
    try await withSandbox { sandbox in
      // It goes on only when it is told to, so that the follower is never more than one file behind.
      var request = try sandbox.shell(
        "for i in $(seq 40); do for j in $(seq 30); do echo $i-$j; done; read line; done; echo end")
      request.log = LogSettings(maximumSize: 1024, maximumFiles: 3)
      request.keepsStdin = true
      let prepared = try await sandbox.runtime.prepare(request)
      let session = try sandbox.runtime.attach(request.id, givesInput: true)
      _ = try await sandbox.runtime.release(prepared)
      // Who is attached and does not read holds the container up.
      async let attached: Int = {
        var bytes = 0
        while let chunk = try await session.next() { bytes += chunk.bytes.count }
        return bytes
      }()
      var found: [String] = []
      for try await entry in sandbox.runtime.logs(request.id, follow: true) {
        found.append(entry.text)
        if entry.text.hasSuffix("-30") { try await session.send(Array("\n".utf8)) }
      }
      let wanted = (1...40).flatMap { i in (1...30).map { "\(i)-\($0)" } } + ["end"]
      #expect(found == wanted)
      #expect(try await attached == wanted.reduce(0) { $0 + $1.utf8.count + 1 })
      _ = try await sandbox.end(of: request.id)
    }
  }

  @Test func `goes on over a restart of the container`() async throws {
    try await withSandbox { sandbox in
      var request = try sandbox.shell("seq 200")
      request.log = LogSettings(maximumSize: 100_000, maximumFiles: 2)
      try await sandbox.run(request)
      try await sandbox.run(request)
      let all = try await texts(sandbox.runtime.logs(request.id))
      let once = (1...200).map(String.init)
      #expect(all == once + once)
    }
  }

  @Test func `that is not to be kept is empty, and who is attached sees the output`() async throws {
    try await withSandbox { sandbox in
      var request = try sandbox.shell("echo secret")
      request.log = LogSettings(isKept: false)
      let prepared = try await sandbox.runtime.prepare(request)
      let session = try sandbox.runtime.attach(request.id, givesInput: false)
      _ = try await sandbox.runtime.release(prepared)
      var seen: [UInt8] = []
      while let chunk = try await session.next() { seen += chunk.bytes }
      #expect(seen == Array("secret\n".utf8))
      _ = try await sandbox.end(of: request.id)
      #expect(try Files.read("\(sandbox.root)/data/\(request.id)/log").isEmpty)
    }
  }
}
