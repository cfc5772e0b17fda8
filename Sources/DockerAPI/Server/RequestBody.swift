import FoundationEssentials
import Synchronization
import Wire

/// The body of the request that is being answered, as it comes. For one reader.
final class RequestBody: AsyncSequence, Sendable {
  typealias Element = [UInt8]

  /// The most bytes of a body that is read as a whole.
  static let longestDocument = 16 << 20
  /// How long the client may take for the next piece of such a body.
  static let patience = Duration.seconds(30)

  private let reader: ConnectionReader
  private let decoder: Mutex<BodyReader>
  /// Says `100 Continue` once, where the client waits for it.
  private let invite: Mutex<(@Sendable () async -> Void)?>

  init(
    _ framing: BodyReader.Framing, from reader: ConnectionReader,
    invite: (@Sendable () async -> Void)? = nil
  ) {
    self.reader = reader
    decoder = Mutex(BodyReader(framing))
    self.invite = Mutex(invite)
  }

  /// Whether all of it has been read.
  var isDone: Bool { decoder.withLock { $0.isDone } }

  /// The next bytes; nil at the end.
  func next() async throws(APIError) -> [UInt8]? {
    let invite = invite.withLock { invite in
      defer { invite = nil }
      return invite
    }
    if let invite, !isDone { await invite() }
    let piece = try await reader.pull { (queue, atEnd) throws(APIError) in
      try decoder.withLock { (decoder) throws(APIError) in try decoder.next(from: &queue, atEnd: atEnd) }
    }
    switch piece {
    case .bytes(let bytes): return bytes
    case .end: return nil
    case nil: throw APIError(400, "the connection ended in the middle of a request")
    }
  }

  /// All of it.
  func document() async throws(APIError) -> [UInt8] {
    var all: [UInt8] = []
    while let bytes = try await nextSoon() {
      all += bytes
      if all.count > Self.longestDocument {
        throw APIError(413, "the request is longer than \(Self.longestDocument) bytes")
      }
    }
    return all
  }

  /// The JSON document that it is; `otherwise` where it is empty and that is given.
  func json<Value: Decodable>(_ type: Value.Type, otherwise: Value? = nil) async throws(APIError) -> Value {
    let bytes = try await document()
    if bytes.isEmpty, let otherwise { return otherwise }
    return try WireCoding.decode(type, from: bytes)
  }

  /// `next`, or a 408 where that takes too long.
  private func nextSoon() async throws(APIError) -> [UInt8]? {
    let outcome = await withTaskGroup(of: Result<[UInt8]?, APIError>.self) { group in
      group.addTask {
        do throws(APIError) { return .success(try await self.next()) } catch { return .failure(error) }
      }
      group.addTask {
        try? await Task.sleep(for: Self.patience)
        return .failure(APIError(408, "nothing of the request came for \(Self.patience)"))
      }
      defer { group.cancelAll() }
      return await group.next() ?? .success(nil)
    }
    return try outcome.get()
  }

  struct Iterator: AsyncIteratorProtocol {
    let body: RequestBody
    mutating func next() async throws -> [UInt8]? { try await body.next() }
  }

  func makeAsyncIterator() -> Iterator { Iterator(body: self) }
}
