internal import CLinux
internal import Glibc

/// A port of an IPv6 address, taken so that nobody else gets it: a socket that is bound and never listens.
public struct HeldPort6: Sendable {
  public let descriptor: Descriptor
  public let port: UInt16

  /// Takes the port for itself alone; 0 takes a free one. `address` has sixteen bytes.
  public init(_ transport: InetSocket.Transport, address: [UInt8], port: UInt16) throws(SystemError) {
    precondition(address.count == 16)
    var chosen = port
    let number = unsafe cl_inet6_hold(transport == .tcp ? 1 : 0, address, &chosen)
    guard number >= 0 else {
      throw .last("bind", on: "\(transport.rawValue) port \(port) of an IPv6 address")
    }
    descriptor = Descriptor(owning: number)
    self.port = chosen
  }
}
