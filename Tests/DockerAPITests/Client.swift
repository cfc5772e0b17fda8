import DockerAPI
import EngineInterface
import Kernel
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// Runs a server for an engine on a socket of its own while `body` asks it.
func serving<Result: Sendable>(
  _ engine: some EngineService, _ body: @escaping @Sendable (String) async throws -> Result
) async throws -> Result {
  let directory = try TemporaryDirectory()
  let path = directory.path + "/s"
  let server = APIServer(engine: engine, socketPath: path, logger: Logger(label: "test"))
  let (isReady, ready) = AsyncStream<Void>.makeStream()
  return try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask {
      defer { ready.finish() }
      try await server.run { ready.finish() }
      return nil
    }
    for await _ in isReady {}
    defer { server.stop() }
    let result = try await body(path)
    server.stop()
    try await group.waitForAll()
    #expect(!Files.exists(path), "the socket was left behind")
    return result
  }
}

/// A directory that goes with its last reference.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    path = "/tmp/cairn-api-\(UInt32.random(in: 0...UInt32.max))"
    try Files.makeDirectory(path)
  }

  deinit { try? Files.removeTree(path) }
}

/// A connection that sends and receives bytes as they are.
struct RawConnection: Sendable {
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private let received: Received
  let channel: any Channel

  private actor Received {
    var text: [UInt8] = []
    var hasEnded = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    func add(_ bytes: [UInt8]) {
      text += bytes
      wake()
    }
    func end() {
      hasEnded = true
      wake()
    }
    private func wake() {
      for continuation in waiting { continuation.resume() }
      waiting = []
    }
    func wait(for condition: @Sendable ([UInt8]) -> Bool) async {
      while !condition(text), !hasEnded { await withCheckedContinuation { waiting.append($0) } }
    }
  }

  static func open<Result: Sendable>(
    _ path: String, _ body: @escaping @Sendable (RawConnection) async throws -> Result
  ) async throws -> Result {
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .connect(unixDomainSocketPath: path) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
            wrappingChannelSynchronously: channel,
            configuration: .init(isOutboundHalfClosureEnabled: true))
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      let received = Received()
      return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          do {
            for try await buffer in inbound { await received.add(Array(buffer.readableBytesView)) }
          } catch {
            // A connection that was cut has ended too.
          }
          await received.end()
        }
        defer { group.cancelAll() }
        return try await body(
          RawConnection(outbound: outbound, received: received, channel: channel.channel))
      }
    }
  }

  func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }
  func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }
  /// Says that nothing more comes.
  func endSending() { outbound.finish() }

  /// All that came so far, once it contains `text` or the connection has ended.
  func receive(until text: String) async -> String {
    await received.wait { String(decoding: $0, as: UTF8.self).contains(text) }
    return String(decoding: await received.text, as: UTF8.self)
  }

  /// All that came up to the end of the connection.
  func receiveAll() async -> [UInt8] {
    await received.wait { _ in false }
    return await received.text
  }
}

/// One request on a connection of its own; the whole answer.
func ask(_ path: String, _ method: String, _ target: String, _ body: String? = nil) async throws -> String {
  try await RawConnection.open(path) { connection in
    var text = "\(method) \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    if let body { text += "Content-Length: \(body.utf8.count)\r\n\r\n\(body)" } else { text += "\r\n" }
    try await connection.send(text)
    return String(decoding: await connection.receiveAll(), as: UTF8.self)
  }
}

/// The part of an answer behind its head.
func body(_ answer: String) -> String {
  guard let end = answer.firstRange(of: "\r\n\r\n") else { return "" }
  return String(answer[end.upperBound...])
}
