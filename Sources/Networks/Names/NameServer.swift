import Kernel
import Stacks
import Synchronization

/// The name server for containers: one thread that waits for questions at the gateways.
///
/// The table is set as a whole and counts from the next question on. The thread uses no time while
/// nobody asks.
final class NameServer: Sendable {
  private let board: NameBoard
  private let served = Mutex<[String: UInt16]>([:])
  private let thread: DedicatedThread

  init(resolvers: String) throws(NetworkError) {
    let board = try trying("start the name server") { () throws(SystemError) in try NameBoard() }
    self.board = board
    thread = try trying("start the name server") { () throws(SystemError) in
      try DedicatedThread {
        var loop = NameLoop(board: board, resolvers: Resolvers(path: resolvers))
        loop.run()
      }
    }
  }

  func set(_ table: NameTable) {
    let index = NameIndex(table)
    board.index.withLock { $0 = index }
  }

  /// Changes who has which address; it counts from the next question on.
  func changeMembers(_ change: (inout NameMembers) -> Void) { board.members.withLock { change(&$0) } }

  /// Begins to answer at the gateway and gives the port: `preferred`, or another where that is
  /// taken. Port 53 itself stays free, for a name server of the host or a published one: the
  /// firewall leads questions of containers here.
  func serve(_ network: String, at gateway: IPv4Address, preferring preferred: UInt16?)
    throws(NetworkError) -> UInt16
  {
    try served.withLock { (served) throws(NetworkError) in
      if let port = served[network] { return port }
      let (port, datagrams, connections) = try trying("serve names to the network \(network)") {
        () throws(SystemError) in
        try Self.open(gateway, preferred)
      }
      served[network] = port
      board.post(.serve(network: network, datagrams: datagrams, connections: connections))
      return port
    }
  }

  func stopServing(_ network: String) {
    served.withLock { served in
      if served.removeValue(forKey: network) != nil { board.post(.stop(network: network)) }
    }
  }

  func close() {
    board.post(.end)
    thread.join()
  }

  // The thread holds only the board, so that it ends with the last user of the server.
  deinit { board.post(.end) }

  /// A UDP and a TCP socket with the same port.
  private static func open(_ gateway: IPv4Address, _ preferred: UInt16?) throws(SystemError)
    -> (UInt16, InetSocket, InetSocket)
  {
    var wanted = preferred ?? 0
    var attempts = 0
    while true {
      attempts += 1
      do throws(SystemError) {
        let datagrams = try InetSocket(.udp)
        try datagrams.bind(to: InetAddress(address: gateway.number, port: wanted))
        let port = try datagrams.localAddress.port
        let connections = try InetSocket(.tcp)
        // Connections of an engine before this one may still be closing at the port.
        try connections.allowReuse()
        try connections.bind(to: InetAddress(address: gateway.number, port: port))
        try connections.listen()
        return (port, datagrams, connections)
      } catch {
        guard error.isAddressInUse, attempts < 16 else { throw error }
        wanted = 0
      }
    }
  }
}

/// What the name server's thread shares with the others.
final class NameBoard: Sendable {
  enum Order: Sendable {
    case serve(network: String, datagrams: InetSocket, connections: InetSocket)
    case stop(network: String)
    case end
  }

  let queue: EventQueue
  let index = Mutex(NameIndex(NameTable()))
  let members = Mutex(NameMembers())
  private let orders = Mutex<[Order]>([])

  init() throws(SystemError) { queue = try EventQueue() }

  func post(_ order: Order) {
    orders.withLock { $0.append(order) }
    queue.wake()
  }

  func takeOrders() -> [Order] {
    orders.withLock { orders in
      defer { orders = [] }
      return orders
    }
  }
}
