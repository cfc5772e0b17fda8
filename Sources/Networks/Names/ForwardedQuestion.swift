import Kernel
import Stacks

/// A question on its way to the host's name servers: one after the other, twice around.
///
/// Each attempt has its own socket, hence a source port that the kernel draws, and its own random
/// ID: a forged answer would have to guess both.
struct ForwardedQuestion {
  /// Whom the answer goes to.
  enum Asker {
    case datagram(InetSocket, InetAddress)
    case connection(UInt64)
  }

  enum Progress {
    case waiting(EventQueue.Interest)
    /// The answer, with the asker's ID.
    case answered([UInt8])
    /// This server does not answer.
    case failed
  }

  let query: NameQuery
  /// The container that asks.
  let source: IPv4Address
  let asker: Asker
  /// When the present attempt ends, on the monotonic clock.
  private(set) var deadline: Int
  private let bytes: [UInt8]
  private var servers: [IPv4Address]
  private let end: Int
  private var id: UInt16 = 0
  private var isSent = false
  private var stream = NameStream()

  /// For one server, and for all, in milliseconds.
  static let attempt = 1500
  static let patience = 4500

  init(bytes: [UInt8], query: NameQuery, source: IPv4Address, asker: Asker, servers: [IPv4Address], now: Int)
  {
    self.bytes = bytes
    self.query = query
    self.source = source
    self.asker = asker
    self.servers = servers + servers
    end = now + Self.patience
    deadline = end
  }

  /// Sends the question to the next server; nil: none is left, or the time is over.
  mutating func begin(now: Int) -> InetSocket? {
    while !servers.isEmpty, now < end {
      let server = servers.removeFirst()
      deadline = min(now + Self.attempt, end)
      id = UInt16.random(in: 0...UInt16.max)
      isSent = false
      stream = NameStream()
      do throws(SystemError) {
        guard case .connection = asker else {
          let socket = try InetSocket(.udp)
          try socket.connect(to: InetAddress(address: server.number, port: 53))
          if try socket.send(outgoing) == outgoing.count { return socket }
          continue
        }
        let socket = try InetSocket(.tcp)
        try socket.connect(to: InetAddress(address: server.number, port: 53))
        return socket
      } catch {
        continue
      }
    }
    return nil
  }

  /// Goes on with what the socket is ready for.
  mutating func advance(_ socket: InetSocket, _ ready: EventQueue.Interest) -> Progress {
    if socket.failure != nil { return .failed }
    do throws(SystemError) {
      if socket.transport == .udp {
        while let (answer, _) = try socket.receive() {
          if let accepted = accept(answer) { return accepted }
        }
        return .waiting(.readable)
      }
      if !isSent {
        let framed = NameStream.framed(outgoing)
        guard try socket.send(framed) == framed.count else { return .failed }
        isSent = true
        return .waiting(.readable)
      }
      while let (part, _) = try socket.receive() {
        if part.isEmpty { return .failed }
        stream.append(part)
        for message in stream.takeMessages() {
          if let accepted = accept(message) { return accepted }
        }
      }
      return stream.isReasonable ? .waiting(.readable) : .failed
    } catch {
      return .failed
    }
  }

  private var outgoing: [UInt8] { replacingID(of: bytes, with: id) }

  private func replacingID(of message: [UInt8], with id: UInt16) -> [UInt8] {
    [UInt8(id >> 8), UInt8(truncatingIfNeeded: id)] + message.dropFirst(2)
  }

  /// nil: not an answer to this question, to be passed over.
  private func accept(_ message: [UInt8]) -> Progress? {
    let asked = Array(query.question).map(Self.lowercased)
    guard message.count >= 12, message[0] == UInt8(id >> 8), message[1] == UInt8(truncatingIfNeeded: id),
      message[2] & 0x80 != 0
    else { return nil }
    let code = message[3] & 0x0f
    let echoed = message.dropFirst(12).prefix(asked.count).map(Self.lowercased)
    // A refusal may come without the question.
    guard echoed == asked || (code != 0 && message.count == 12) else { return nil }
    // "Server failure" and "refused" say nothing about the name: another server may know.
    if (code == 2 || code == 5) && !servers.isEmpty { return .failed }
    return .answered(replacingID(of: message, with: query.id))
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
