import DockerAPI
import EngineInterface
import FakeEngine
import Kernel
import Logging
import NIOCore
import NIOPosix
import Stacks
import Testing

@Suite struct ServerTests {
  @Test func `ping answers GET and HEAD with and without a version`() async throws {
    try await serving(FakeEngine()) { path async throws in
      for target in ["/_ping", "/v1.24/_ping", "/v1.51/_ping"] {
        let answer = try await ask(path, "GET", target)
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\nApi-Version: 1.44\r\nOstype: linux\r\n"))
        #expect(body(answer) == "OK")
      }
      let head = try await ask(path, "HEAD", "/_ping")
      #expect(head.contains("Content-Length: 2\r\n"))
      #expect(body(head).isEmpty)
    }
  }

  @Test func `versions outside of what is served are refused in Docker's words`() async throws {
    try await serving(FakeEngine()) { path async throws in
      #expect(try await ask(path, "GET", "/v1.23/version").contains("client version 1.23 is too old"))
      #expect(try await ask(path, "GET", "/v1.60/version").contains("client version 1.60 is too new"))
    }
  }

  @Test func `an unknown path is a 404 that says what is not supported`() async throws {
    try await serving(FakeEngine()) { path async throws in
      let answer = try await ask(path, "POST", "/v1.44/containers/create")
      #expect(answer.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
      #expect(answer.contains("Content-Type: application/json\r\n"))
      #expect(
        body(answer)
          == "{\"message\":\"page not found: POST /containers/create is not supported yet by Cairn\"}\n")
      #expect(try await ask(path, "GET", "/services").hasPrefix("HTTP/1.1 503 "))
    }
  }

  @Test func `many requests follow one another on one connection, also when sent at once`() async throws {
    try await serving(FakeEngine()) { path async throws in
      let text = try await RawConnection.open(path) { connection in
        try await connection.send(
          "GET /_ping HTTP/1.1\r\n\r\nPOST /nothing HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")
        _ = await connection.receive(until: "page not found")
        try await connection.send("GET /_ping HTTP/1.1\r\nConnection: close\r\n\r\n")
        return String(decoding: await connection.receiveAll(), as: UTF8.self)
      }
      #expect(text.split(separator: "HTTP/1.1 ").map { $0.prefix(3) } == ["200", "404", "200"])
    }
  }

  @Test(arguments: [
    ("nonsense\r\n\r\n", "400"),
    ("GET / HTTP/2.0\r\n\r\n", "505"),
    ("GET x HTTP/1.1\r\n\r\n", "400"),
    ("GET / HTTP/1.1\nHost: x\n\n", "400"),
    ("GET / HTTP/1.1\r\nA : b\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "501"),
    ("GET / HTTP/1.1\r\nA: " + String(repeating: "x", count: 40000) + "\r\n\r\n", "431"),
  ])
  func `what is not a request is refused and ends the connection`(_ text: String, _ status: String)
    async throws
  {
    try await serving(FakeEngine()) { path async throws in
      let answer = try await RawConnection.open(path) { connection in
        try await connection.send(text)
        return String(decoding: await connection.receiveAll(), as: UTF8.self)
      }
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer.prefix(200))")
      #expect(answer.contains("Connection: close\r\n"))
    }
  }

  @Test func `a document that is too long is refused`() async throws {
    try await serving(FakeEngine()) { path async throws in
      let answer = try await RawConnection.open(path) { connection in
        try await connection.send("PUT /stacks/a HTTP/1.1\r\nContent-Length: 40000000\r\n\r\n")
        let piece = [UInt8](repeating: 32, count: 1 << 20)
        do {
          for _ in 0..<40 { try await connection.send(piece) }
        } catch {
          // The server has closed before all was sent, as it should.
        }
        return String(decoding: await connection.receiveAll(), as: UTF8.self)
      }
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 413 "), "\(answer.prefix(100))")
    }
  }

  @Test func `the socket has mode 0600, and one that nobody listens at is replaced`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/s"
    for _ in 0..<2 {
      let server = APIServer(engine: FakeEngine(), socketPath: path, logger: Logger(label: "test"))
      try await server.run {
        #expect(Files.isSocket(path))
        let permissions = (try? Files.open(path, flags: 0o10000000).status())?.permissions
        #expect(permissions == 0o600)
        server.stop()
      }
      // What a killed engine leaves behind: a socket without a listener.
      let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .bind(unixDomainSocketPath: path + ".x").get()
      try Files.rename(path + ".x", to: path)
      try await listener.close()
      // Another test may be starting a process, which has the listener too until it executes.
      try await eventually { !UnixSocket.isAnswering(path) }
      #expect(Files.isSocket(path) && !UnixSocket.isAnswering(path))
    }
  }

  @Test func `a second engine at the same path is told that one listens already`() async throws {
    try await serving(FakeEngine()) { path async throws in
      let second = APIServer(engine: FakeEngine(), socketPath: path, logger: Logger(label: "test"))
      let error = ServerError(
        "listen at \(path): another engine listens there; use it, stop it, or choose another path")
      await #expect(throws: error) {
        try await second.run()
      }
      #expect(try await ask(path, "GET", "/_ping").hasSuffix("OK"), "the first one was disturbed")
    }
  }

  @Test func `what is no socket is not replaced`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/s"
    try Files.replace(path, with: Array("precious".utf8))
    let server = APIServer(engine: FakeEngine(), socketPath: path, logger: Logger(label: "test"))
    await #expect(throws: ServerError.self) { try await server.run() }
    #expect(try Files.readText(path) == "precious")
  }

  @Test func `a path that is too long is refused with the limit`() async throws {
    let path = "/tmp/" + String(repeating: "x", count: 110)
    let server = APIServer(engine: FakeEngine(), socketPath: path, logger: Logger(label: "test"))
    let error = await #expect(throws: ServerError.self) { try await server.run() }
    #expect(error?.message.contains("at most 103 bytes") == true)
  }

  @Test func `asking for the end ends the server`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/s"
    let server = APIServer(engine: FakeEngine(), socketPath: path, logger: Logger(label: "test"))
    let (isReady, ready) = AsyncStream<Void>.makeStream()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run { ready.finish() } }
      for await _ in isReady {}
      #expect(try await ask(path, "POST", "/engine/stop").hasPrefix("HTTP/1.1 202 "))
      try await group.waitForAll()
    }
    #expect(!Files.exists(path))
  }
}
