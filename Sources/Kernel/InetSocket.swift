internal import CLinux
internal import Glibc

/// Where an IPv4 socket is; the address is in host byte order.
public struct InetAddress: Hashable, Sendable, CustomStringConvertible {
  public var address: UInt32
  public var port: UInt16

  public init(address: UInt32, port: UInt16) {
    self.address = address
    self.port = port
  }

  public var description: String {
    "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255):\(port)"
  }
}

/// A non-blocking IPv4 socket in the network namespace of the thread that opened it.
public struct InetSocket: Sendable {
  public enum Transport: String, Sendable { case tcp, udp }

  public let transport: Transport
  public let descriptor: Descriptor

  private init(_ transport: Transport, _ descriptor: Descriptor) {
    self.transport = transport
    self.descriptor = descriptor
  }

  /// An unbound socket.
  public init(_ transport: Transport) throws(SystemError) {
    let number = cl_inet_socket(transport == .tcp ? 1 : 0)
    guard number >= 0 else { throw .last("open a socket", on: transport.rawValue) }
    self.init(transport, Descriptor(owning: number))
  }

  /// Takes the address for itself alone (no SO_REUSEADDR): fails with EADDRINUSE where anybody
  /// has it. Port 0 takes a free one.
  public func bind(to here: InetAddress) throws(SystemError) {
    guard cl_inet_bind(descriptor.number, here.address, here.port) == 0 else {
      throw .last("bind", on: "\(transport.rawValue) \(here)")
    }
  }

  /// Lets a bind succeed where only closing connections hold the address (SO_REUSEADDR).
  public func allowReuse() throws(SystemError) {
    guard cl_inet_reuse(descriptor.number) == 0 else { throw .last("allow the reuse of", on: "an address") }
  }

  public func listen(backlog: Int32 = 128) throws(SystemError) {
    guard Glibc.listen(descriptor.number, backlog) == 0 else {
      throw .last("listen", on: transport.rawValue)
    }
  }

  /// Begins to connect; `failure` tells the outcome once the socket is writable.
  public func connect(to peer: InetAddress) throws(SystemError) {
    guard cl_inet_connect(descriptor.number, peer.address, peer.port) == 0 else {
      throw .last("connect to", on: "\(transport.rawValue) \(peer)")
    }
  }

  /// The error that is pending on the socket; nil: none.
  public var failure: SystemError? {
    let code = cl_socket_error(descriptor.number)
    return code == 0 ? nil : SystemError("connect", on: transport.rawValue, code: code)
  }

  public var localAddress: InetAddress {
    get throws(SystemError) {
      var address: UInt32 = 0
      var port: UInt16 = 0
      guard unsafe cl_inet_name(descriptor.number, &address, &port) == 0 else {
        throw .last("name", on: "a \(transport.rawValue) socket")
      }
      return InetAddress(address: address, port: port)
    }
  }

  /// The next connection; nil: none is waiting.
  public func accept() throws(SystemError) -> (InetSocket, InetAddress)? {
    var address: UInt32 = 0
    var port: UInt16 = 0
    let number = unsafe cl_inet_accept(descriptor.number, &address, &port)
    guard number >= 0 else {
      // A connection that was reset while it waited is nobody's fault.
      if errno == EAGAIN || errno == ECONNABORTED { return nil }
      throw .last("accept on", on: transport.rawValue)
    }
    return (InetSocket(.tcp, Descriptor(owning: number)), InetAddress(address: address, port: port))
  }

  /// What has come, at most `limit` bytes, and from where (UDP only); nil: nothing is waiting. For
  /// TCP an empty answer is the end.
  public func receive(limit: Int = 65536) throws(SystemError) -> (bytes: [UInt8], from: InetAddress)? {
    var address: UInt32 = 0
    var port: UInt16 = 0
    var code: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
      let n = unsafe cl_inet_receive(descriptor.number, buffer.baseAddress, limit, &address, &port)
      if n < 0 { code = errno } else { filled = n }
    }
    if code == EAGAIN { return nil }
    guard code == 0 else { throw SystemError("receive", on: transport.rawValue, code: code) }
    return (bytes, InetAddress(address: address, port: port))
  }

  /// Sends, to the connected peer where `to` is nil. Returns how many bytes were taken; 0 where
  /// the socket is full.
  public func send(_ bytes: some Collection<UInt8>, to peer: InetAddress? = nil) throws(SystemError)
    -> Int
  {
    let all = Array(bytes)
    let n = unsafe all.withUnsafeBytes {
      unsafe cl_inet_send(descriptor.number, $0.baseAddress, $0.count, peer?.address ?? 0, peer?.port ?? 0)
    }
    if n < 0, errno == EAGAIN { return 0 }
    guard n >= 0 else {
      throw .last("send to", on: peer.map { "\(transport.rawValue) \($0)" } ?? transport.rawValue)
    }
    return n
  }
}
