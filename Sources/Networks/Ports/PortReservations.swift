import Kernel
public import Stacks
import Synchronization

/// The host's ports that are published, each held by a socket that is bound and never listened
/// on: nobody else can take the port, and without a running backend connections are refused.
///
/// Replicas of a service share one reservation. It lasts until the last of them lets go.
public final class PortReservations: Sendable {
  private struct Key: Hashable {
    var stack: String
    var service: String
    /// As the stack file says it: host port 0 where any will do.
    var mapping: PortMapping
  }

  private struct Reservation {
    var sockets: [Descriptor]
    var chosen: PortMapping
    var holders: Set<ContainerID>
  }

  private let reservations = Mutex<[Key: Reservation]>([:])

  public init() {}

  /// Reserves the mapping's port for a container of the service; a second time for the same
  /// container changes nothing.
  ///
  /// - Parameters:
  ///   - mapping: as the stack file has it.
  ///   - hasIPv6: whether the container does.
  ///   - chosen: after a restart of the engine, the host port that the container already has.
  /// - Returns: the mapping with the host port that was chosen.
  public func reserve(
    _ mapping: PortMapping, stack: String, service: String, container: ContainerID, hasIPv6: Bool = false,
    chosen: UInt16? = nil
  ) throws(NetworkError) -> PortMapping {
    try reservations.withLock { (all) throws(NetworkError) in
      let key = Key(stack: stack, service: service, mapping: mapping)
      if var present = all[key] {
        present.holders.insert(container)
        all[key] = present
        return present.chosen
      }
      var wanted = mapping
      if mapping.hostPort == 0, let chosen { wanted.hostPort = chosen }
      let sockets: [Descriptor]
      do throws(SystemError) {
        (sockets, wanted.hostPort) = try Self.hold(wanted, hasIPv6: hasIPv6)
      } catch {
        guard error.isAddressInUse else {
          throw .system("publish port \(wanted)", Self.explain(error))
        }
        throw .portTaken(wanted, holder: Self.holder(of: wanted, all))
      }
      all[key] = Reservation(sockets: sockets, chosen: wanted, holders: [container])
      return wanted
    }
  }

  /// Lets go of every port of the container; those that no other replica needs become free.
  public func release(_ container: ContainerID) {
    reservations.withLock { all in
      for key in all.keys where all[key]?.holders.remove(container) != nil {
        if all[key]?.holders.isEmpty == true { all[key] = nil }
      }
    }
  }

  /// Every port that is reserved, sorted.
  public var reserved: [PortMapping] { reservations.withLock { $0.values.map(\.chosen).sorted() } }

  /// Binds the port in each family that it is published on; the same one, where any will do.
  private static func hold(_ mapping: PortMapping, hasIPv6: Bool) throws(SystemError) -> (
    [Descriptor], UInt16
  ) {
    let transport: InetSocket.Transport = mapping.transport == .tcp ? .tcp : .udp
    if let address = mapping.hostAddress6 {
      let held = try HeldPort6(transport, address: address.bytes, port: mapping.hostPort)
      return ([held.descriptor], held.port)
    }
    var attempts = 0
    while true {
      attempts += 1
      let socket = try InetSocket(transport)
      try socket.bind(to: InetAddress(address: mapping.hostAddress.number, port: mapping.hostPort))
      let port = try socket.localAddress.port
      guard hasIPv6, mapping.isOnIPv6 else { return ([socket.descriptor], port) }
      do throws(SystemError) {
        let six = try HeldPort6(transport, address: IPv6Address.any.bytes, port: port)
        return ([socket.descriptor, six.descriptor], port)
      } catch {
        guard error.isAddressInUse, mapping.hostPort == 0, attempts < 16 else { throw error }
      }
    }
  }

  private static func explain(_ error: SystemError) -> SystemError {
    var error = error
    if error.isAddressNotAvailable { error.hint = "this machine does not have the address" }
    return error
  }

  /// A service of ours, or the process that has it.
  private static func holder(of mapping: PortMapping, _ all: [Key: Reservation]) -> String {
    let own = all.filter { _, other in
      other.chosen.transport == mapping.transport && other.chosen.hostPort == mapping.hostPort
        && (other.chosen.hostText == mapping.hostText || other.chosen.isEverywhere || mapping.isEverywhere)
    }.keys.min { ($0.stack, $0.service) < ($1.stack, $1.service) }
    if let own { return "service \(own.service) of stack \(own.stack)" }
    let place = InetAddress(address: mapping.hostAddress.number, port: mapping.hostPort)
    return PortHolder.find(mapping.transport == .tcp ? .tcp : .udp, at: place)?.description ?? ""
  }
}

extension PortMapping {
  /// It is published at every address of a family at least.
  fileprivate var isEverywhere: Bool {
    hostAddress6.map { $0 == .any } ?? (hostAddress == .any)
  }
}
