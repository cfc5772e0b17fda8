internal import CLinux
internal import Glibc

/// A connected Unix socket that keeps packets apart (SOCK_SEQPACKET) and can carry descriptors.
public struct PacketSocket: Sendable {
  public let descriptor: Descriptor

  public init(_ descriptor: Descriptor) { self.descriptor = descriptor }

  public static func pair() throws(SystemError) -> (PacketSocket, PacketSocket) {
    var ends: [Int32] = [-1, -1]
    guard unsafe cl_packet_pair(&ends) == 0 else { throw .last("socketpair", on: "") }
    return (PacketSocket(Descriptor(owning: ends[0])), PacketSocket(Descriptor(owning: ends[1])))
  }

  /// Connects to the socket `name` in one of our directories, however long the directory's path is.
  public init(connectingTo name: String, in directory: Descriptor) throws(SystemError) {
    let number = unsafe cl_packet_connect(directory.number, name)
    guard number >= 0 else { throw .last("connect to the socket", on: name) }
    descriptor = Descriptor(owning: number)
  }

  /// Sends one small packet, for which there is always room.
  public func send(_ bytes: [UInt8]) throws(SystemError) {
    guard try trySend(bytes) else { throw SystemError("send", on: "a packet", code: EAGAIN) }
  }

  /// Sends one packet, waiting on `poller` while there is no room for it.
  /// `descriptors`, at most `mostDescriptors`, go with it.
  public func send(_ bytes: [UInt8], _ descriptors: [Descriptor] = [], on poller: Poller)
    async throws(SystemError)
  {
    while try !trySend(bytes, descriptors) { try await poller.writable(descriptor) }
  }

  /// How many descriptors one packet can carry (unix(7)).
  public static let mostDescriptors = Int(CL_PACKET_DESCRIPTORS)

  private func trySend(_ bytes: [UInt8], _ descriptors: [Descriptor] = []) throws(SystemError) -> Bool {
    let numbers = descriptors.map(\.number)
    let result = unsafe bytes.withUnsafeBytes {
      unsafe cl_send(
        descriptor.number, $0.baseAddress, $0.count, numbers, UInt32(numbers.count), Int32(MSG_DONTWAIT))
    }
    if result == 0 { return true }
    if errno == EAGAIN { return false }
    throw .last("send", on: "a packet")
  }

  /// Receives one packet without waiting; nil: none is there yet. An empty one is the end.
  public func receive(upTo size: Int) throws(SystemError) -> Packet? {
    var numbers: [Int32] = [-1, -1, -1, -1]
    var count: UInt32 = 4
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      let n = unsafe cl_receive(
        descriptor.number, buffer.baseAddress, size, &numbers, &count, Int32(MSG_DONTWAIT))
      if n < 0 { failure = errno } else { filled = n }
    }
    let descriptors = numbers.prefix(Int(count)).map { Descriptor(owning: $0) }
    if failure == EAGAIN { return nil }
    guard failure == 0 else { throw SystemError("receive", on: "a packet", code: failure) }
    return Packet(bytes: bytes, descriptors: Array(descriptors))
  }

  /// Receives one packet, waiting for it on `poller`.
  public func receive(upTo size: Int, on poller: Poller) async throws(SystemError) -> Packet {
    while true {
      if let packet = try receive(upTo: size) { return packet }
      try await poller.readable(descriptor)
    }
  }
}

/// One packet with the descriptors that came along.
public struct Packet: Sendable {
  public var bytes: [UInt8]
  public var descriptors: [Descriptor]
  /// The other end has closed.
  public var isEnd: Bool { bytes.isEmpty && descriptors.isEmpty }
}
