import DockerAPI
import EngineInterface
import FakeEngine
import Stacks
import Synchronization
import Testing
import Wire

@Suite struct ServiceExecTests {
  private func text(
    _ service: String = "web", _ command: [String] = ["cat"], index: Int? = nil, hasTerminal: Bool = false,
    hasInput: Bool = true, isDetached: Bool = false, size: ServiceExec.Size? = nil
  ) throws -> String {
    let options = ExecOptions(command: command, hasTerminal: hasTerminal, hasInput: hasInput)
    let wanted = ServiceExec(
      service: service, index: index, options: options, isDetached: isDetached, size: size)
    return String(decoding: try WireCoding.encode(wanted), as: UTF8.self)
  }

  private func request(_ body: String) -> String {
    "POST /stacks/shop/exec HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  /// The ID in the head of an answer.
  private func id(_ answer: String) throws -> String {
    let field = "\r\n\(ServiceExec.idField): "
    let start = try #require(answer.firstRange(of: field)).upperBound
    return String(answer[start...].prefix { $0 != "\r\n" })
  }

  @Test(arguments: [false, true])
  func `one request starts a process, passes all on and tells how it ended`(
    _ hasTerminal: Bool
  ) async throws {
    let engine = FakeEngine([Sample.container("web")])
    engine.content.withLock { $0.exitCode = 300 }
    let body = try text(hasTerminal: hasTerminal)
    let (answer, ended) = try await serving(engine) { path async throws in
      let bytes = try await RawConnection.open(path) { connection in
        // With input in the same packet as the request.
        try await connection.send(request(body) + "hello ")
        _ = await connection.receive(until: "HELLO ")
        try await connection.send("world")
        connection.endSending()
        return await connection.receiveAll()
      }
      let answer = String(decoding: bytes, as: UTF8.self)
      let detail = try await ask(path, "GET", "/exec/\(id(answer))/json")
      return (answer, detail)
    }
    #expect(
      answer.hasPrefix(
        "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.cairn.process-stream\r\n\(ServiceExec.idField): "
      ))
    #expect(
      answer.hasSuffix(
        "\u{2}\0\0\0\0\0\0\u{6}ready\n\u{1}\0\0\0\0\0\0\u{6}HELLO \u{1}\0\0\0\0\0\0\u{5}WORLD"
          + "\u{4}\0\0\0\0\0\0\u{4}\0\0\u{1}\u{2c}"))
    #expect(ended.contains("\"ExitCode\":300") && ended.contains("\"Running\":false"))
    #expect(engine.calls == ["exec [\"cat\"] terminal=\(hasTerminal) input=true"])
  }

  @Test func `the size of its terminal is set at the start and by its ID`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    let body = try text(hasTerminal: true, size: .init(rows: 24, columns: 80))
    try await serving(engine) { path async throws in
      let text = try await RawConnection.open(path) { connection in
        try await connection.send(request(body))
        let head = await connection.receive(until: "24x80")
        _ = try await ask(path, "POST", "/exec/\(id(head))/resize?h=5&w=6")
        _ = await connection.receive(until: "5x6")
        connection.endSending()
        return String(decoding: await connection.receiveAll(), as: UTF8.self)
      }
      #expect(text.contains("24x80") && text.contains("5x6"))
    }
  }

  @Test func `a detached process is answered when it runs, and its end can be asked for`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    engine.content.withLock { $0.exitCode = 9 }
    let body = try text("web", ["true"], hasInput: false, isDetached: true)
    try await serving(engine) { path async throws in
      let answer = try await ask(path, "POST", "/stacks/shop/exec", body)
      #expect(answer.hasPrefix("HTTP/1.1 200 "))
      let id = try id(answer)
      try await eventually { try await ask(path, "GET", "/exec/\(id)/json").contains("\"ExitCode\":9") }
    }
  }

  @Test(arguments: [
    (nil, "web-2"), (2, "web-2"), (3, "web-3"),
  ])
  func `the replica with the number is taken, or the first that runs`(
    _ index: Int?, _ expected: String
  ) async throws {
    let other = Sample.container("web", stack: "other", digit: "9")
    let engine = FakeEngine([
      Sample.container("web", 3, digit: "3"), Sample.container("web", 1, state: .created, digit: "1"),
      Sample.container("web", 2, digit: "2"), other,
    ])
    let body = try text("web", ["true"], index: index, hasInput: false, isDetached: true)
    try await serving(engine) { path async throws in
      let answer = try await ask(path, "POST", "/stacks/shop/exec", body)
      let detail = try await ask(path, "GET", "/exec/\(id(answer))/json")
      #expect(detail.contains("\"ContainerID\":\"" + String(repeating: expected.last!, count: 64)))
    }
  }

  @Test(
    arguments: [
      ("web", 7, "409", "run a command in replica 7 of service web: it is not running; running: 1, 2"),
      ("job", nil, "409", "run a command in service job: it is not running; 'cairn up job' starts it"),
      ("job", 1, "409", "run a command in replica 1 of service job: it is not running; running: none"),
      ("db", nil, "404", "no such service: db has no container in stack 'shop'; 'cairn up' makes them"),
    ] as [(String, Int?, String, String)])
  func `what does not run is refused, and says so`(
    _ service: String, _ index: Int?, _ status: String, _ message: String
  ) async throws {
    let engine = FakeEngine([
      Sample.container("web"), Sample.container("web", 2, digit: "2"),
      Sample.container("job", state: .created, digit: "3"),
      Sample.container("db", stack: "other", digit: "4"),
    ])
    let body = try text(service, index: index)
    try await serving(engine) { path async throws in
      let answer = try await ask(path, "POST", "/stacks/shop/exec", body)
      #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.contains("{\"message\":\"\(message)\"}"))
    }
    #expect(engine.calls.isEmpty)
  }

  @Test(arguments: [("nosuch", 127), ("secret", 126)])
  func `what cannot be run is an error that carries a shell's status`(
    _ program: String, _ status: Int
  ) async throws {
    let body = try text("web", [program])
    try await serving(FakeEngine([Sample.container("web")])) { path async throws in
      let answer = try await RawConnection.open(path) { connection in
        try await connection.send(request(body))
        return await connection.receive(until: "}")
      }
      #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("{\"exitStatus\":\(status),\"message\":"))
    }
  }

  @Test func `a request without a command, or that is none, is refused`() async throws {
    let none = try text("web", [])
    try await serving(FakeEngine([Sample.container("web")])) { path async throws in
      #expect(try await ask(path, "POST", "/stacks/shop/exec", none).hasPrefix("HTTP/1.1 400 "))
      #expect(try await ask(path, "POST", "/stacks/shop/exec", "{}").hasPrefix("HTTP/1.1 400 "))
    }
  }

  @Test func `a process whose client has gone loses its input and ends by itself`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    engine.content.withLock { $0.exitCode = 3 }
    let body = try text()
    try await serving(engine) { path async throws in
      let head = try await RawConnection.open(path) { connection in
        try await connection.send(request(body))
        return await connection.receive(until: "ready")
      }
      let id = try id(head)
      try await eventually { try await ask(path, "GET", "/exec/\(id)/json").contains("\"ExitCode\":3") }
    }
  }
}
