import Glibc
import Kernel
import Stacks
import Testing

@testable import Networks

@Suite struct PortReservationsTests {
  private let a = ContainerID.random()
  private let b = ContainerID.random()

  @Test func `Replicas share a reservation until the last lets go`() throws {
    try inNamespace { [a, b] () throws in
      let ports = PortReservations()
      let mapping = PortMapping(hostPort: 8080, containerPort: 80)
      #expect(try ports.reserve(mapping, stack: "s", service: "web", container: a) == mapping)
      #expect(try ports.reserve(mapping, stack: "s", service: "web", container: b) == mapping)
      ports.release(a)
      #expect(ports.reserved == [mapping])
      #expect(throws: SystemError.self) { try bind(.tcp, 8080) }
      ports.release(b)
      #expect(ports.reserved.isEmpty)
      #expect(throws: Never.self) { try bind(.tcp, 8080) }
    }
  }

  @Test func `Where the container has IPv6 the port is held in both families, or in that of its address`()
    throws
  {
    try inNamespace { [a, b] () throws in
      func isFree(_ port: UInt16) -> Bool {
        (try? HeldPort6(.tcp, address: IPv6Address.any.bytes, port: port)) != nil
      }
      let ports = PortReservations()
      let plain = PortMapping(hostPort: 8080, containerPort: 80)
      _ = try ports.reserve(plain, stack: "s", service: "four", container: a)
      #expect(isFree(8080))
      let both = PortMapping(hostPort: 8081, containerPort: 80)
      _ = try ports.reserve(both, stack: "s", service: "web", container: a, hasIPv6: true)
      #expect(!isFree(8081))
      #expect(throws: SystemError.self) { try bind(.tcp, 8081) }
      let six = PortMapping(hostAddress6: .any, hostPort: 8082, containerPort: 80)
      _ = try ports.reserve(six, stack: "s", service: "web", container: a, hasIPv6: true)
      #expect(!isFree(8082))
      #expect(throws: Never.self) { try bind(.tcp, 8082) }
      let any = PortMapping(hostPort: 0, containerPort: 80)
      let chosen = try ports.reserve(any, stack: "s", service: "any", container: b, hasIPv6: true)
      #expect(chosen.hostPort != 0 && !isFree(chosen.hostPort))
      let clash = PortMapping(hostAddress6: .any, hostPort: 8081, containerPort: 90)
      #expect(
        message { () throws(NetworkError) in
          try ports.reserve(clash, stack: "s", service: "x", container: b, hasIPv6: true)
        }.hasPrefix("publish port 8081/tcp at ::: the port is in use by service web of stack s"))
      ports.release(a)
      #expect(isFree(8081) && isFree(8082))
    }
  }

  @Test func `Another service's port is refused by its name`() throws {
    try inNamespace { [a, b] () throws in
      let ports = PortReservations()
      _ = try ports.reserve(
        PortMapping(hostPort: 8080, containerPort: 80), stack: "shop", service: "web", container: a)
      let at = PortMapping(hostAddress: .loopback, hostPort: 8080, containerPort: 90)
      #expect(
        message { () throws(NetworkError) in try ports.reserve(at, stack: "s", service: "x", container: b) }
          == "publish port 8080/tcp at 127.0.0.1: the port is in use by service web of stack shop; "
          + "stop what uses it or publish another host port")
      // The other transport is another port.
      let udp = PortMapping(transport: .udp, hostPort: 8080, containerPort: 90)
      #expect(throws: Never.self) { try ports.reserve(udp, stack: "s", service: "x", container: b) }
    }
  }

  @Test func `A port that a process has is refused with the process`() throws {
    try inNamespace { [a] () throws in
      let ports = PortReservations()
      for transport in [InetSocket.Transport.tcp, .udp] {
        let taken = try bind(transport, 8081)
        if transport == .tcp { try taken.listen() }
        let mapping = PortMapping(
          transport: transport == .tcp ? .tcp : .udp, hostPort: 8081, containerPort: 80)
        let text = message { () throws(NetworkError) in
          try ports.reserve(mapping, stack: "s", service: "web", container: a)
        }
        #expect(text.hasPrefix("publish port 8081/\(transport.rawValue) at 0.0.0.0: the port is in use by "))
        #expect(text.contains("(process \(getpid()))"))
      }
    }
  }

  @Test func `Any free port is chosen once for all replicas, and kept over a restart`() throws {
    try inNamespace { [a, b] () throws in
      let mapping = PortMapping(hostPort: 0, containerPort: 80)
      let first = PortReservations()
      let chosen = try first.reserve(mapping, stack: "s", service: "web", container: a)
      #expect(chosen.hostPort != 0)
      #expect(try first.reserve(mapping, stack: "s", service: "web", container: b) == chosen)
      first.release(a)
      first.release(b)
      let second = PortReservations()
      #expect(
        try second.reserve(mapping, stack: "s", service: "web", container: a, chosen: chosen.hostPort)
          == chosen)
      #expect(try second.reserve(mapping, stack: "s", service: "web", container: b) == chosen)
    }
  }

  @Test func `An address that the machine does not have is said so`() throws {
    try inNamespace { [a] () throws in
      let mapping = PortMapping(
        hostAddress: IPv4Address(number: 0xc000_0209), hostPort: 80, containerPort: 80)
      #expect(
        message { () throws(NetworkError) in
          try PortReservations().reserve(mapping, stack: "s", service: "web", container: a)
        }.contains("this machine does not have the address"))
    }
  }

  @Test func `A connection to a reserved port without a container is refused at once`() throws {
    let namespace = try NetworkNamespace.create()
    let ports = PortReservations()
    try within(namespace) { [a] () throws in
      try NetlinkSocket().performAll([LinkMessage.setUp(name: "lo")])
      _ = try ports.reserve(
        PortMapping(hostPort: 80, containerPort: 80), stack: "s", service: "web", container: a)
      let socket = try InetSocket(.tcp)
      let isRefusedAtOnce = (try? socket.connect(to: InetAddress(address: 0x7f00_0001, port: 80))) == nil
      let isRefused = try isRefusedAtOnce || (wait(socket, .writable, 1000) && socket.failure != nil)
      #expect(isRefused)
    }
  }

  private func inNamespace(_ body: @escaping @Sendable () throws -> Void) throws {
    let namespace = try NetworkNamespace.create()
    try within(namespace) {
      try NetlinkSocket().performAll([LinkMessage.setUp(name: "lo")])
      try body()
    }
  }
}

private func bind(_ transport: InetSocket.Transport, _ port: UInt16) throws -> InetSocket {
  let socket = try InetSocket(transport)
  try socket.bind(to: InetAddress(address: 0, port: port))
  return socket
}
