import DockerAPI
import EngineInterface
import FakeEngine
import Stacks
import Synchronization
import Testing

@Suite struct AttachTests {
  @Test func `attach passes input and output on in frames`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    try await serving(engine) { path async throws in
      let text = try await RawConnection.open(path) { connection in
        try await connection.send(
          "POST /v1.44/containers/shop-web-1/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\n"
            + "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello")
        _ = await connection.receive(until: "HELLO")
        connection.endSending()
        return String(decoding: await connection.receiveAll(), as: UTF8.self)
      }
      #expect(
        text.hasPrefix("HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream"))
      #expect(text.hasSuffix("\u{2}\0\0\0\0\0\0\u{6}ready\n\u{1}\0\0\0\0\0\0\u{5}HELLO"), "\(text)")
    }
    #expect(engine.calls == ["attach 111111111111 input=true"])
  }

  @Test func `what was written before is not attach's to give`() async throws {
    try await serving(FakeEngine([Sample.container("web")])) { path async throws in
      let answer = try await ask(path, "POST", "/containers/shop-web-1/attach?logs=1")
      #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("/logs"), "\(answer)")
    }
  }

  @Test func `a terminal is resized`() async throws {
    let engine = FakeEngine([Sample.container("web")])
    try await serving(engine) { path async throws in
      let answer = try await ask(path, "POST", "/containers/shop-web-1/resize?h=24&w=80")
      #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
    }
    #expect(engine.calls == ["resize 111111111111 24x80"])
  }
}
