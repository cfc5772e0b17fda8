import DockerAPI
import EngineInterface
import FakeEngine
import Stacks
import Synchronization
import Testing
import Wire

@Suite struct StackTests {
  private func json(_ value: some Encodable) throws -> String {
    String(decoding: try WireCoding.encode(value), as: UTF8.self)
  }

  @Test func `a stack goes there and back, and progress comes a line each`() async throws {
    let engine = FakeEngine()
    let task = Progress.Task(verb: .start, kind: .container, name: "shop-web-1")
    let wanted: [Progress] = [
      .began(task), .ended(task, seconds: 0.5), .warning("mind"), .finished(.init(isConverged: true)),
    ]
    engine.content.withLock { $0.progress = wanted }
    let stack = Stack(
      name: "shop", services: ["web": Service(template: Sample.container("web").container.spec.template)],
      files: ["/a/stack.yaml"])
    let request = try json(
      ApplyRequest(stack: stack, options: ApplyOptions(waitsForHealth: true, services: ["web"])))
    try await serving(engine) { path async throws in
      let answer = try await ask(path, "PUT", "/stacks/shop", request)
      #expect(answer.contains("Content-Type: application/x-ndjson\r\n"))
      var reader = BodyReader(.chunked)
      var queue = ByteQueue(Array(body(answer).utf8))
      var seen: [Progress] = []
      while case .bytes(let line)? = try reader.next(from: &queue, atEnd: true) {
        seen.append(try WireCoding.decode(Progress.self, from: line))
      }
      #expect(seen == wanted)
      let kept = body(try await ask(path, "GET", "/stacks/shop"))
      #expect(try WireCoding.decode(Stack.self, from: Array(kept.utf8)) == stack)
      #expect(body(try await ask(path, "GET", "/stacks")).contains("\"name\":\"shop\""))
      #expect(try await ask(path, "GET", "/stacks/none").hasPrefix("HTTP/1.1 404 "))
      #expect(try await ask(path, "PUT", "/stacks/other", request).hasPrefix("HTTP/1.1 400 "))
      #expect(try await ask(path, "PUT", "/stacks/shop", "{").contains("JSON document"))
    }
    #expect(engine.calls == ["apply shop health=true orphans=false services=[\"web\"]"])
  }

  @Test func `a plan comes back whole`() async throws {
    let engine = FakeEngine()
    let slot = Slot(stack: "shop", service: "web", number: 1)
    let plan = Plan(
      stack: "shop",
      steps: [
        Step(
          number: 1, after: [], action: .start(Instance(slot: slot, generation: 1)),
          reason: "it is not running")
      ], waiting: [slot: "db:1 is not healthy yet"], lookAgain: Moment(seconds: 5))
    engine.content.withLock { $0.plan = plan }
    let request = try json(ApplyRequest(stack: Stack(name: "shop"), options: ApplyOptions()))
    try await serving(engine) { path async throws in
      let text = body(try await ask(path, "POST", "/stacks/shop/plan", request))
      #expect(try WireCoding.decode(Plan.self, from: Array(text.utf8)) == plan)
    }
  }

  @Test func `what is asked of a stack reaches the engine`() async throws {
    let engine = FakeEngine()
    let scale = try json(ScaleRequest(replicas: ["web": 3, "db": 0]))
    let stop = try json(ServicesRequest(services: ["web"], timeout: .seconds(2)))
    try await serving(engine) { path async throws in
      _ = try await ask(path, "POST", "/stacks/shop/scale", scale)
      _ = try await ask(path, "POST", "/stacks/shop/stop", stop)
      _ = try await ask(path, "POST", "/stacks/shop/start")
      _ = try await ask(path, "POST", "/stacks/shop/restart", "{\"services\":[]}")
      _ = try await ask(path, "DELETE", "/stacks/shop?volumes=1&timeout=3")
      #expect(try await ask(path, "DELETE", "/stacks/shop?timeout=x").hasPrefix("HTTP/1.1 400 "))
    }
    #expect(
      engine.calls == [
        "scale shop [\"db=0\", \"web=3\"]", "stop shop [\"web\"] 2s", "start shop [] -", "restart shop []",
        "down shop volumes=true timeout=3s",
      ])
  }

  @Test func `an image is made of a chunked archive`() async throws {
    let engine = FakeEngine()
    try await serving(engine) { path async throws in
      let answer = try await RawConnection.open(path) { connection in
        try await connection.send(
          "POST /images/create?fromSrc=-&repo=a/b&tag=1&changes=CMD+sh&changes=ENV+a=b HTTP/1.1\r\nExpect: 100-continue\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        #expect(await connection.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        try await connection.send("3\r\nabc\r\n")
        try await connection.send("2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n")
        return String(decoding: await connection.receiveAll(), as: UTF8.self)
      }
      #expect(answer.contains("{\"status\":\"sha256:aaaa"))
      #expect(try await ask(path, "POST", "/images/create?fromImage=busybox").hasPrefix("HTTP/1.1 501 "))
      _ = try await ask(path, "DELETE", "/images/docker.io/library/x%3A2")
    }
    #expect(engine.content.withLock { $0.imported } == Array("abcde".utf8))
    #expect(engine.calls == ["import a/b:1 [\"CMD sh\", \"ENV a=b\"]", "remove x:2"])
  }

  @Test func `an archive that ends in the middle is an error`() async throws {
    let engine = FakeEngine()
    try await serving(engine) { path async throws in
      let answer = try await RawConnection.open(path) { connection in
        try await connection.send(
          "POST /images/create?fromSrc=-&repo=a HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc")
        connection.endSending()
        return String(decoding: await connection.receiveAll(), as: UTF8.self)
      }
      #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
    }
  }
}
