import DockerAPI
import EngineInterface
import FakeEngine
import Stacks
import Synchronization
import Testing
import Wire

@Suite struct ExecTests {
  private func announce(_ path: String, _ request: String) async throws -> String {
    let answer = try await ask(path, "POST", "/containers/shop-web-1/exec", request)
    #expect(answer.hasPrefix("HTTP/1.1 201 "))
    return try WireCoding.dockerDecode(DockerCreated.self, from: Array(body(answer).utf8)).id
  }

  private func start(_ path: String, _ id: String, _ how: String, upgrade: Bool = true) -> String {
    "POST /v1.44/exec/\(id)/start HTTP/1.1\r\n"
      + (upgrade ? "Connection: Upgrade\r\nUpgrade: tcp\r\n" : "")
      + "Content-Type: application/json\r\nContent-Length: \(how.utf8.count)\r\n\r\n\(how)"
  }

  @Test func `output comes in frames, input goes in until the client ends it`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    engine.content.withLock { $0.exitCode = 5 }
    try await serving(engine) { path async throws in
      let id = try await announce(path, "{\"Cmd\":[\"cat\"],\"AttachStdin\":true}")
      let text = try await RawConnection.open(path) { connection in
        // On a connection that was used before, and with input in the same packet as the request.
        try await connection.send("GET /_ping HTTP/1.1\r\n\r\n")
        _ = await connection.receive(until: "OK")
        try await connection.send(start(path, id, "{}") + "hello ")
        _ = await connection.receive(until: "HELLO ")
        try await connection.send("world")
        connection.endSending()
        return String(decoding: await connection.receiveAll(), as: UTF8.self)
      }
      #expect(
        text.contains(
          "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
        ))
      #expect(
        text.hasSuffix("\u{2}\0\0\0\0\0\0\u{6}ready\n\u{1}\0\0\0\0\0\0\u{6}HELLO \u{1}\0\0\0\0\0\0\u{5}WORLD")
      )
      let detail = body(try await ask(path, "GET", "/exec/\(id)/json"))
      #expect(detail.contains("\"ExitCode\":5") && detail.contains("\"Running\":false"))
    }
    #expect(engine.calls == ["exec [\"cat\"] terminal=false input=true"])
  }

  @Test func `a terminal is raw, also without the upgrade header`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    try await serving(engine) { path async throws in
      let id = try await announce(path, "{\"Cmd\":[\"sh\"],\"Tty\":true}")
      let text = try await RawConnection.open(path) { connection in
        try await connection.send(start(path, id, "{\"Tty\":true}", upgrade: false))
        return String(decoding: await connection.receiveAll(), as: UTF8.self)
      }
      #expect(
        text == "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nready\n")
    }
  }

  @Test func `a second start, an unknown process and a container that is stopped are refused`() async throws {
    let engine = FakeEngine([
      Sample.container("web"), Sample.container("job", state: .created, digit: "2"),
    ])
    try await serving(engine) { path async throws in
      let id = try await announce(path, "{\"Cmd\":[\"true\"]}")
      _ = try await ask(path, "POST", "/exec/\(id)/start", "{\"Detach\":true}")
      #expect(try await ask(path, "POST", "/exec/\(id)/start", "{}").hasPrefix("HTTP/1.1 409 "))
      #expect(try await ask(path, "POST", "/exec/none/start", "{}").hasPrefix("HTTP/1.1 404 "))
      #expect(
        try await ask(path, "POST", "/containers/shop-job-1/exec", "{\"Cmd\":[\"true\"]}")
          .contains("is not running"))
      #expect(
        try await ask(path, "POST", "/containers/shop-web-1/exec", "{\"Cmd\":[]}").hasPrefix("HTTP/1.1 400 "))
    }
  }

  @Test func `a program that is not there is an error before the connection is taken over`() async throws {
    try await serving(FakeEngine([Sample.container("web")])) { path async throws in
      let id = try await announce(path, "{\"Cmd\":[\"nosuch\"]}")
      let answer = try await RawConnection.open(path) { connection in
        try await connection.send(start(path, id, "{}"))
        return await connection.receive(until: "}")
      }
      #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("executable file not found"))
      #expect(body(try await ask(path, "GET", "/exec/\(id)/json")).contains("\"ExitCode\":127"))
    }
  }
}
