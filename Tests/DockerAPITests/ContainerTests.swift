import DockerAPI
import EngineInterface
import FakeEngine
import Stacks
import Synchronization
import Testing
import Wire

@Suite struct ContainerTests {
  private static func shop() -> FakeEngine {
    FakeEngine([
      Sample.container("web", digit: "1"), Sample.container("db", digit: "2"),
      Sample.container(
        "job", state: .exited(.init(code: 3, startedAt: Moment(seconds: 1), finishedAt: Moment(seconds: 2))),
        digit: "3"),
      Sample.container("web", stack: "other", digit: "4"),
    ])
  }

  private func names(_ path: String, _ query: String) async throws -> [String] {
    let answer = try await ask(path, "GET", "/v1.44/containers/json" + query)
    return try WireCoding.dockerDecode([DockerContainer].self, from: Array(body(answer).utf8))
      .map { $0.names[0] }
  }

  @Test func `containers are filtered as Docker filters them`() async throws {
    try await serving(Self.shop()) { path async throws in
      #expect(try await names(path, "") == ["/shop-web-1", "/shop-db-1", "/other-web-1"])
      #expect(try await names(path, "?all=1").count == 4)
      #expect(try await names(path, "?filters={%22status%22:[%22exited%22]}") == ["/shop-job-1"])
      #expect(
        try await names(path, "?filters={%22label%22:{%22com.docker.compose.project=shop%22:true}}")
          == ["/shop-web-1", "/shop-db-1"])
      #expect(
        try await names(
          path, "?filters={%22label%22:+[%22com.docker.compose.project=shop%22,+%22tier=db%22]}") == [
            "/shop-db-1"
          ])
      #expect(try await names(path, "?filters={%22name%22:[%22%5E/shop-web-1$%22]}") == ["/shop-web-1"])
      #expect(try await names(path, "?filters={%22id%22:[%222222%22]}") == ["/shop-db-1"])
      #expect(try await ask(path, "GET", "/containers/json?filters=x").hasPrefix("HTTP/1.1 400 "))
      #expect(try await ask(path, "GET", "/containers/json?filters={%22x%22:[]}").hasPrefix("HTTP/1.1 400 "))
    }
  }

  @Test func `a container is listed in Docker's shape`() async throws {
    try await serving(FakeEngine([Sample.container("web")])) { path async throws in
      let text = body(try await ask(path, "GET", "/containers/json"))
      for part in [
        "\"Names\":[\"/shop-web-1\"]", "\"Image\":\"busybox:latest\"", "\"Command\":\"httpd -f\"",
        "\"Created\":1700000000", "\"State\":\"running\"", " (healthy)\"",
        "\"Ports\":[{\"IP\":\"0.0.0.0\",\"PrivatePort\":80,\"PublicPort\":8080,\"Type\":\"tcp\"}]",
        "\"com.docker.compose.project\":\"shop\"", "\"com.docker.compose.service\":\"web\"",
        "\"com.docker.compose.container-number\":\"1\"", "\"com.docker.compose.config-hash\":\"ab\"",
        "\"tier\":\"web\"", "\"IPAddress\":\"10.89.0.2\"",
      ] {
        #expect(text.contains(part), "\(part) is missing in \(text)")
      }
    }
  }

  @Test func `inspecting tells the state`() async throws {
    try await serving(Self.shop()) { path async throws in
      let text = body(try await ask(path, "GET", "/containers/3333/json"))
      let detail = try WireCoding.dockerDecode(DockerContainerDetail.self, from: Array(text.utf8))
      #expect(detail.state.status == "exited" && detail.state.exitCode == 3 && !detail.state.running)
      #expect(detail.state.finishedAt == "1970-01-01T00:00:02.000000000Z")
      #expect(text.contains("\"OOMKilled\":false"))
      #expect(try await ask(path, "GET", "/containers/nosuch/json").hasPrefix("HTTP/1.1 404 "))
    }
  }

  @Test func `a signal is passed on, SIGKILL where none is named`() async throws {
    let engine = Self.shop()
    try await serving(engine) { path async throws in
      #expect(
        try await ask(path, "POST", "/containers/shop-web-1/kill?signal=HUP").hasPrefix("HTTP/1.1 204 "))
      #expect(try await ask(path, "POST", "/containers/shop-web-1/kill").hasPrefix("HTTP/1.1 204 "))
    }
    #expect(engine.calls == ["kill 111111111111 HUP", "kill 111111111111 SIGKILL"])
  }

  @Test func `waiting answers with the exit code`() async throws {
    let engine = Self.shop()
    engine.content.withLock { $0.exitCode = 9 }
    try await serving(engine) { path async throws in
      let answer = try await ask(path, "POST", "/containers/shop-web-1/wait")
      #expect(answer.contains("{\"StatusCode\":9}"))
      #expect(
        try await ask(path, "POST", "/containers/shop-web-1/wait?condition=x").hasPrefix("HTTP/1.1 400 "))
      #expect(try await ask(path, "POST", "/containers/none/wait").hasPrefix("HTTP/1.1 404 "))
    }
  }

  @Test func `a log is framed, with times where asked, and raw behind a terminal`() async throws {
    let engine = FakeEngine([Sample.container("web"), Sample.container("tty", tty: true, digit: "2")])
    engine.content.withLock {
      $0.lines = [Sample.line("a\n"), Sample.line("b\n", .stderr), Sample.line("c")]
    }
    try await serving(engine) { path async throws in
      let framed = try await ask(
        path, "GET", "/containers/shop-web-1/logs?stdout=1&stderr=1&tail=5&since=1.5&timestamps=1")
      #expect(framed.contains("Content-Type: application/vnd.docker.multiplexed-stream\r\n"))
      let time = "2023-11-14T22:13:20.000000005Z "
      #expect(framed.contains("\u{1}\0\0\0\0\0\0\u{21}" + time + "a\n"))
      #expect(framed.contains("\u{2}\0\0\0\0\0\0\u{21}" + time + "b\n"))
      #expect(framed.hasSuffix("c\r\n0\r\n\r\n"))
      let raw = try await ask(path, "GET", "/containers/shop-tty-1/logs?stdout=1&stderr=0")
      #expect(raw.contains("raw-stream"))
      #expect(body(raw) == "2\r\na\n\r\n1\r\nc\r\n0\r\n\r\n")
      #expect(try await ask(path, "GET", "/containers/shop-web-1/logs").hasPrefix("HTTP/1.1 400 "))
    }
    #expect(engine.calls.first == "logs follows=false tail=5 since=1500000000")
  }

  @Test func `following ends when the client goes`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    let (stream, live) = AsyncStream<LogLine>.makeStream()
    engine.liveLog.withLock { $0 = stream }
    try await serving(engine) { path async throws in
      try await RawConnection.open(path) { connection in
        try await connection.send("GET /containers/shop-web-1/logs?stdout=1&follow=1 HTTP/1.1\r\n\r\n")
        live.yield(Sample.line("first\n"))
        #expect(await connection.receive(until: "first").contains("first\n"))
      }
      try await eventually { engine.endedEarly.withLock { $0 } == 1 }
    }
  }

  @Test func `following ends when the server does`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    let (stream, live) = AsyncStream<LogLine>.makeStream()
    engine.liveLog.withLock { $0 = stream }
    try await serving(engine) { path async throws in
      try await RawConnection.open(path) { connection in
        try await connection.send("GET /containers/shop-web-1/logs?stdout=1&follow=1 HTTP/1.1\r\n\r\n")
        live.yield(Sample.line("first\n"))
        _ = await connection.receive(until: "first")
        _ = try await ask(path, "POST", "/engine/stop")
        _ = await connection.receiveAll()
      }
    }
    #expect(engine.endedEarly.withLock { $0 } == 1)
  }

  @Test func `a client that reads slowly holds the log up`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    let taken = Mutex(0)
    let line = Sample.line(String(repeating: "x", count: 16000) + "\n")
    engine.liveLog.withLock {
      $0 = AsyncStream {
        taken.withLock { $0 += 1 }
        return line
      }
    }
    try await serving(engine) { path async throws in
      let socket = try UnixConnection(path)
      try socket.send("GET /containers/shop-web-1/logs?stdout=1&follow=1 HTTP/1.1\r\n\r\n")
      // Nothing is read. Once the buffers are full, no further line is taken.
      var before = -1
      try await eventually(every: .milliseconds(200)) {
        let now = taken.withLock { $0 }
        defer { before = now }
        return now > 0 && now == before
      }
      #expect(taken.withLock { $0 } < 2000)
    }
  }
}
