import NIOCore
import Wire

/// How a request is answered.
enum Answer: Sendable {
  /// Headers and the whole body at once.
  case whole(status: Int, fields: HTTPFields = [:], body: [UInt8])
  /// Headers at once, then pieces as they come. The work is cancelled when the client goes.
  case stream(contentType: String, work: @Sendable (AnswerStream) async throws -> Void)
  /// The connection stops being HTTP: both sides send bytes as they like until it ends.
  case hijack(HijackKind, work: @Sendable (HijackedConnection) async -> Void)

  /// A JSON document.
  static func json(_ value: some Encodable, status: Int = 200) throws(APIError) -> Answer {
    .whole(
      status: status, fields: ["Content-Type": "application/json"],
      body: try WireCoding.encode(value) + [UInt8(ascii: "\n")])
  }

  /// 204, or another status that has no body.
  static func empty(status: Int = 204) -> Answer { .whole(status: status, body: []) }

  /// `exitStatus`: what a shell would end with that could not run the command.
  static func failure(_ error: APIError, exitStatus: Int32? = nil) -> Answer {
    (try? json(Refusal(message: error.message, exitStatus: exitStatus), status: error.status))
      ?? .empty(status: error.status)
  }
}

/// What is sent over a connection that is not HTTP any more.
enum HijackKind: Sendable {
  /// One stream, as it is.
  case raw
  /// Two streams in Docker's frames.
  case multiplexed
  /// Our own: the output of this process in frames, a terminal's too, then its exit status.
  case process(id: String)

  /// `upgrades`: the client asked for it. Docker's clients know frames by the content type only then.
  func fields(upgrades: Bool) -> HTTPFields {
    switch self {
    case .multiplexed where upgrades: ["Content-Type": "application/vnd.docker.multiplexed-stream"]
    case .raw, .multiplexed: ["Content-Type": "application/vnd.docker.raw-stream"]
    case .process(let id): ["Content-Type": "application/vnd.cairn.process-stream", ServiceExec.idField: id]
    }
  }

  /// Whether it may be for a client that throws away what it reads together with the head.
  var isDockers: Bool { if case .process = self { false } else { true } }
}

/// Where an answer that comes in pieces is written to; waits where the client reads slowly.
struct AnswerStream: Sendable {
  let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  let isChunked: Bool

  func write(_ bytes: [UInt8]) async throws {
    if bytes.isEmpty { return }
    var buffer = ByteBuffer()
    buffer.reserveCapacity(bytes.count + 24)
    if isChunked { buffer.writeString(String(bytes.count, radix: 16) + "\r\n") }
    buffer.writeBytes(bytes)
    if isChunked { buffer.writeString("\r\n") }
    try await outbound.write(buffer)
  }

  func end() async throws {
    if isChunked { try await outbound.write(ByteBuffer(string: "0\r\n\r\n")) }
  }
}

/// A connection that is not HTTP any more.
struct HijackedConnection: Sendable {
  let reader: ConnectionReader
  let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

  /// What the client sends; nil when it sends no more, which does not mean that it reads no more.
  func read() async -> [UInt8]? {
    try? await reader.pull { (queue, _) throws(APIError) in
      queue.isEmpty ? nil : queue.takeAll()
    }
  }

  func write(_ bytes: [UInt8]) async throws {
    try await outbound.write(ByteBuffer(bytes: bytes))
  }
}
