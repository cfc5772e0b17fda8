public import Stacks

/// A port of the host and the containers that answer there.
public struct PublishedPort: Codable, Hashable, Sendable {
  public var transport: PortMapping.Transport
  /// Where the host listens; `0.0.0.0` is every address of it.
  public var hostAddress: IPv4Address
  /// Not 0: the port that was chosen.
  public var hostPort: UInt16
  /// The running containers' addresses; connections are spread over them evenly, in turn. Empty:
  /// connections are refused.
  public var backends: [Backend]

  public struct Backend: Codable, Hashable, Comparable, Sendable {
    public var address: IPv4Address
    public var port: UInt16

    public init(address: IPv4Address, port: UInt16) {
      self.address = address
      self.port = port
    }

    public static func < (a: Backend, b: Backend) -> Bool {
      (a.address, a.port) < (b.address, b.port)
    }
  }

  public init(
    transport: PortMapping.Transport, hostAddress: IPv4Address = .any, hostPort: UInt16,
    backends: [Backend]
  ) {
    self.transport = transport
    self.hostAddress = hostAddress
    self.hostPort = hostPort
    self.backends = backends
  }
}
