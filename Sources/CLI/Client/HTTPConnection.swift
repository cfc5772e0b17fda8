import EngineInterface
import Kernel
import Wire

/// One connection to the engine, one request and its answer.
///
/// It blocks: a command does one thing after the other, and one that waits for several things at once
/// waits with `Poll`. So the command line needs neither threads nor an event loop, which is what keeps
/// its start short.
final class HTTPConnection {
  let descriptor: Descriptor
  private var queue = ByteQueue()
  private var isAtEnd = false
  /// No whole piece is left of what was read.
  private var isDrained = false
  private(set) var head = ResponseHead(status: 0)
  private var body = BodyReader(.length(0))
  private let path: String
  /// Who asks, for the engine's history.
  private let requester: Requester

  /// What is sent along with a request.
  enum Content {
    case none
    case json([UInt8])
    /// Pieces, until the closure returns nil.
    case chunks(() throws(CLIError) -> [UInt8]?)
  }

  /// `opened`: a connection to `path` that nothing was sent on; nil: one is made.
  init(
    to path: String, requester: Requester = Requester(), over opened: Descriptor? = nil
  ) throws(SystemError) {
    self.path = path
    self.requester = requester
    if let opened { descriptor = opened } else { descriptor = try UnixSocket.connect(to: path) }
  }

  /// Sends a request and reads the head of the answer. `upgrades` asks for the connection itself.
  func request(
    _ method: String, _ target: String, _ content: Content = .none, upgrades: Bool = false
  ) throws(CLIError) {
    var text = "\(method) \(target) HTTP/1.1\r\nHost: cairn\r\n"
    if !requester.user.isEmpty { text += "\(Requester.userField): \(percentEncoded(requester.user))\r\n" }
    if !requester.command.isEmpty {
      text += "\(Requester.commandField): \(percentEncoded(requester.command))\r\n"
    }
    if upgrades { text += "Connection: Upgrade\r\nUpgrade: tcp\r\n" }
    switch content {
    case .none:
      try send(Array((text + (method == "GET" ? "\r\n" : "Content-Length: 0\r\n\r\n")).utf8))
    case .json(let bytes):
      text += "Content-Type: application/json\r\nContent-Length: \(bytes.count)\r\n\r\n"
      try send(Array(text.utf8) + bytes)
    case .chunks(let next):
      try send(Array((text + "Content-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n").utf8))
      // The engine may refuse before all is sent; then its answer says why, not the broken pipe.
      var isTaken = true
      while isTaken, let bytes = try next() {
        do throws(SystemError) {
          try descriptor.write(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10])
        } catch {
          isTaken = false
        }
      }
      if isTaken { try? descriptor.write(Array("0\r\n\r\n".utf8)) }
    }
    repeat { head = try readHead() } while head.status == 100
    do throws(APIError) {
      let framing =
        head.status == 101 || upgrades && head.status == 200
        ? BodyReader.Framing.untilClose
        : head.hasNoBody ? .length(0) : try BodyReader.framing(head.fields, otherwise: .untilClose)
      body = BodyReader(framing)
    } catch {
      throw CLIError("read the engine's answer: \(error)")
    }
  }

  /// The next piece of the answer that has come; waits for one. nil: that was all.
  func next() throws(CLIError) -> [UInt8]? {
    while true {
      if let piece = try take() {
        guard case .bytes(let bytes) = piece else { return nil }
        return bytes
      }
      try fill()
    }
  }

  /// The pieces that have come already; where there are none, reads once, and so waits unless the
  /// descriptor was found readable. `isDone` tells whether that was all.
  func arrived() throws(CLIError) -> (pieces: [[UInt8]], isDone: Bool) {
    var pieces: [[UInt8]] = []
    for round in 0..<2 {
      while let piece = try take() {
        guard case .bytes(let bytes) = piece else { return (pieces, true) }
        pieces.append(bytes)
      }
      isDrained = true
      if !pieces.isEmpty { break }
      if round == 0 { try fill() }
    }
    return (pieces, false)
  }

  /// Whether what was read off the socket already may hold another piece.
  var hasBuffered: Bool { !queue.isEmpty && !isDrained }

  /// The whole answer; throws the engine's own words where it is an error.
  func document() throws(CLIError) -> [UInt8] {
    var all: [UInt8] = []
    while let bytes = try next() { all += bytes }
    guard (200..<300).contains(head.status) else { throw refusal(all) }
    return all
  }

  /// Throws the engine's own words where the answer is an error.
  func expectSuccess() throws(CLIError) {
    if !(head.status < 300) { _ = try document() }
  }

  private func refusal(_ bytes: [UInt8]) -> CLIError {
    let refusal = try? WireCoding.decode(Refusal.self, from: bytes)
    return CLIError(
      refusal?.message ?? "the engine answered with HTTP status \(head.status)",
      status: refusal?.exitStatus ?? 1)
  }

  func send(_ bytes: [UInt8]) throws(CLIError) {
    do throws(SystemError) { try descriptor.write(bytes) } catch {
      throw CLIError("send a request to the engine at \(path): \(error)")
    }
  }

  private func readHead() throws(CLIError) -> ResponseHead {
    var parser = HeadParser()
    while true {
      do throws(APIError) {
        if let head = try parser.next(from: &queue) { return try ResponseHead(head) }
      } catch {
        throw CLIError("read the answer of whoever listens at \(path): \(error); it is no engine of Cairn")
      }
      guard !isAtEnd else {
        throw CLIError("the engine at \(path) closed the connection without an answer; look at its log")
      }
      try fill()
    }
  }

  private func take() throws(CLIError) -> BodyReader.Piece? {
    do throws(APIError) { return try body.next(from: &queue, atEnd: isAtEnd) } catch {
      throw CLIError("the engine at \(path) ended in the middle of an answer: \(error)")
    }
  }

  private func fill() throws(CLIError) {
    if isAtEnd { return }
    do throws(SystemError) {
      let bytes = try descriptor.read(upTo: 65536)
      isAtEnd = bytes.isEmpty
      isDrained = false
      queue.append(bytes)
    } catch {
      // The engine closed its end before it had read all of ours, such as input that came after a program's
      // end: nothing more comes, as after any other end.
      if error.isBrokenPipe {
        isAtEnd = true
        return
      }
      throw CLIError("read the answer of the engine at \(path): \(error)")
    }
  }
}
