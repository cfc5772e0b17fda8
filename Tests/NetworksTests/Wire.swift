import Kernel
import Networks
import Stacks
import Synchronization
import Testing

/// A server on a thread of its own. To each TCP connection it says its name and whom it sees, and
/// closes; to each datagram likewise. With `reply` it answers bytes with bytes instead.
final class Server: Sendable {
  private let queue: EventQueue
  private let isDone = Mutex(false)
  private let thread = Mutex<DedicatedThread?>(nil)
  private let seen = Mutex<[[UInt8]]>([])

  init(
    _ name: String, in namespace: NetworkNamespace, _ transport: InetSocket.Transport = .tcp, port: UInt16,
    at address: IPv4Address = .any, reply: (@Sendable ([UInt8]) -> [UInt8]?)? = nil
  ) throws {
    let queue = try EventQueue()
    self.queue = queue
    let socket = try within(namespace) {
      let socket = try InetSocket(transport)
      try socket.bind(to: InetAddress(address: address.number, port: port))
      if transport == .tcp { try socket.listen() }
      return socket
    }
    try queue.add(socket.descriptor, for: .readable, token: 1)
    let started = try DedicatedThread { [weak self] in
      while let server = self, !server.isDone.withLock({ $0 }) {
        server.serve(socket, name, reply)
        guard (try? queue.wait(milliseconds: 1000)) != nil else { return }
      }
    }
    thread.withLock { $0 = started }
  }

  /// What came to it.
  var received: [[UInt8]] { seen.withLock { $0 } }

  private func serve(_ socket: InetSocket, _ name: String, _ reply: (@Sendable ([UInt8]) -> [UInt8]?)?) {
    if socket.transport == .udp {
      while let received = try? socket.receive() {
        seen.withLock { $0.append(received.bytes) }
        let answer =
          reply.map { $0(received.bytes) }
          ?? Array("\(name) \(IPv4Address(number: received.from.address))".utf8)
        if let answer { _ = try? socket.send(answer, to: received.from) }
      }
      return
    }
    while let accepted = try? socket.accept() {
      if let reply {
        let peer = accepted.0
        guard let bytes = try? wait(peer, .readable, 2000), bytes, let asked = try? peer.receive()?.bytes
        else { continue }
        seen.withLock { $0.append(asked) }
        if let answer = reply(asked) { _ = try? peer.send(answer) }
      } else {
        seen.withLock { $0.append([]) }
        _ = try? accepted.0.send(Array("\(name) \(IPv4Address(number: accepted.1.address))".utf8))
      }
    }
  }

  func stop() {
    isDone.withLock { $0 = true }
    queue.wake()
    thread.withLock { $0 }?.join()
  }
}

/// Waits until the socket is ready for `interest`, at most so long. False: it was not.
func wait(_ socket: InetSocket, _ interest: EventQueue.Interest, _ milliseconds: Int) throws -> Bool {
  let queue = try EventQueue()
  try queue.add(socket.descriptor, for: interest, token: 1)
  return try !queue.wait(milliseconds: milliseconds).isEmpty
}

enum Wire {
  /// How long is waited for what should come, and for what should not.
  static let patience = 5000
  static let impatience = 250

  /// What a TCP server at the place says; nil where there is no connection.
  static func hear(
    _ address: String, _ port: UInt16, from namespace: NetworkNamespace, expecting: Bool = true
  ) throws
    -> String?
  {
    let place = InetAddress(address: try #require(IPv4Address(address)).number, port: port)
    return try within(namespace) { try hear(place, expecting ? patience : impatience) }
  }

  /// The same from where the caller is, with so many milliseconds for each part.
  static func hear(_ place: InetAddress, _ patience: Int) throws -> String? {
    let socket = try InetSocket(.tcp)
    guard (try? socket.connect(to: place)) != nil else { return nil }
    guard try wait(socket, .writable, patience), socket.failure == nil,
      try wait(socket, .readable, patience)
    else { return nil }
    return try socket.receive().map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  /// A UDP socket in the namespace, from a port that stays the same.
  static func datagrams(in namespace: NetworkNamespace) throws -> InetSocket {
    try within(namespace) {
      let socket = try InetSocket(.udp)
      try socket.bind(to: InetAddress(address: 0, port: 0))
      return socket
    }
  }

  /// Sends a datagram and gives the answer; nil where none comes.
  static func ask(
    _ socket: InetSocket, _ address: String, _ port: UInt16, _ bytes: [UInt8], expecting: Bool = true
  )
    throws -> [UInt8]?
  {
    let place = InetAddress(address: try #require(IPv4Address(address)).number, port: port)
    guard (try? socket.send(bytes, to: place)) != nil else { return nil }
    guard try wait(socket, .readable, expecting ? patience : impatience) else { return nil }
    return try? socket.receive()?.bytes
  }

  static func ask(
    _ address: String, _ port: UInt16, from namespace: NetworkNamespace, _ bytes: [UInt8],
    expecting: Bool = true
  ) throws -> [UInt8]? {
    try ask(datagrams(in: namespace), address, port, bytes, expecting: expecting)
  }

  /// A question to a name server by UDP.
  static func resolve(
    _ name: String, type: UInt16 = 1, at server: IPv4Address, from namespace: NetworkNamespace,
    payload: UInt16? = nil
  ) throws -> DNSReply? {
    try ask(server.description, 53, from: namespace, question(name, type: type, payload: payload)).flatMap {
      DNSReply($0)
    }
  }

  /// The same by TCP.
  static func resolveByStream(_ name: String, at server: IPv4Address, from namespace: NetworkNamespace) throws
    -> DNSReply?
  {
    try within(namespace) {
      let socket = try InetSocket(.tcp)
      try socket.connect(to: InetAddress(address: server.number, port: 53))
      guard try wait(socket, .writable, patience), socket.failure == nil else { return nil }
      let message = question(name)
      _ = try socket.send([UInt8(message.count >> 8), UInt8(message.count & 255)] + message)
      var bytes: [UInt8] = []
      while try wait(socket, .readable, patience), let part = try socket.receive()?.bytes, !part.isEmpty {
        bytes += part
        if bytes.count >= 2, bytes.count >= 2 + Int(bytes[0]) << 8 + Int(bytes[1]) {
          return DNSReply(Array(bytes.dropFirst(2)))
        }
      }
      return nil
    }
  }
}
