import Kernel
import Stacks
import Synchronization

/// What the name server's thread does: all its sockets, and one place where it waits.
struct NameLoop {
  private enum Watched {
    case datagrams(network: String)
    case connections(network: String)
    case client
    case upstream
  }

  /// A container that asks by TCP.
  struct Client {
    var socket: InetSocket
    var network: String
    var source: IPv4Address
    var stream = NameStream()
    var deadline: Int
  }

  private let board: NameBoard
  private var resolvers: Resolvers
  private var watched: [UInt64: Watched] = [:]
  private var sockets: [UInt64: InetSocket] = [:]
  private var clients: [UInt64: Client] = [:]
  private var questions: [UInt64: ForwardedQuestion] = [:]
  private var nextToken: UInt64 = 0
  private var turn = 0

  /// How many connections and questions on their way there may be at a time, and how many of one
  /// container: each takes a descriptor of the engine, and no container may take all.
  private static let clientLimit = 128
  private static let clientShare = 16
  private static let questionLimit = 256
  private static let questionShare = 64
  /// How long an idle connection is kept, in milliseconds.
  private static let patience = 10_000

  init(board: NameBoard, resolvers: Resolvers) {
    self.board = board
    self.resolvers = resolvers
  }

  mutating func run() {
    while true {
      for order in board.takeOrders() {
        switch order {
        case .serve(let network, let datagrams, let connections):
          watch(datagrams, as: .datagrams(network: network))
          watch(connections, as: .connections(network: network))
        case .stop(let network): stop(network)
        case .end: return
        }
      }
      // Without events that can be waited for there is nothing that this thread could do.
      guard let events = try? board.queue.wait(milliseconds: untilDeadline) else { return }
      for event in events { handle(event.token, event.ready) }
      expire()
    }
  }

  private mutating func watch(_ socket: InetSocket, as kind: Watched) {
    nextToken += 1
    guard (try? board.queue.add(socket.descriptor, for: .readable, token: nextToken)) != nil else { return }
    watched[nextToken] = kind
    sockets[nextToken] = socket
  }

  private mutating func stop(_ network: String) {
    for (token, kind) in watched {
      switch kind {
      case .datagrams(network), .connections(network): forget(token)
      case .client where clients[token]?.network == network: forget(token)
      default: break
      }
    }
  }

  /// Closes the socket, which ends the watching.
  private mutating func forget(_ token: UInt64) {
    if let socket = sockets.removeValue(forKey: token) { _ = try? board.queue.remove(socket.descriptor) }
    watched[token] = nil
    clients[token] = nil
    questions[token] = nil
  }

  private mutating func handle(_ token: UInt64, _ ready: EventQueue.Interest) {
    guard let kind = watched[token], let socket = sockets[token] else { return }
    switch kind {
    case .datagrams(let network):
      // Some at a time: the others shall have their turn.
      for _ in 0..<64 {
        guard let received = try? socket.receive(limit: 4096) else { break }
        let source = IPv4Address(number: received.from.address)
        answer(received.bytes, network, source, .datagram(socket, received.from))
      }
    case .connections(let network): accept(socket, network)
    case .client: read(token)
    case .upstream: proceed(token, ready)
    }
  }

  private mutating func accept(_ listener: InetSocket, _ network: String) {
    for _ in 0..<64 {
      guard let accepted = try? listener.accept() else { return }
      let source = IPv4Address(number: accepted.1.address)
      guard clients.count < Self.clientLimit,
        clients.values.count(where: { $0.source == source }) < Self.clientShare
      else { continue }
      watch(accepted.0, as: .client)
      clients[nextToken] = Client(
        socket: accepted.0, network: network, source: source,
        deadline: HostFile.monotonicMilliseconds + Self.patience)
    }
  }

  private mutating func read(_ token: UInt64) {
    guard var client = clients[token] else { return forget(token) }
    do throws(SystemError) {
      while let (bytes, _) = try client.socket.receive(limit: 4096) {
        if bytes.isEmpty { return forget(token) }
        client.stream.append(bytes)
        guard client.stream.isReasonable else { return forget(token) }
      }
    } catch {
      return forget(token)
    }
    client.deadline = HostFile.monotonicMilliseconds + Self.patience
    let messages = client.stream.takeMessages()
    clients[token] = client
    for message in messages { answer(message, client.network, client.source, .connection(token)) }
  }

  /// Decides about one question and answers it or passes it on.
  private mutating func answer(
    _ bytes: [UInt8], _ network: String, _ source: IPv4Address, _ asker: ForwardedQuestion.Asker
  ) {
    let query: NameQuery
    do throws(NameQuery.Fault) {
      query = try NameQuery(bytes)
    } catch {
      if case .refused(let id, let flags, let code) = error {
        reply(NameAnswer.refusal(id: id, flags: flags, code: code), to: asker)
      }
      return
    }
    turn &+= 1
    let index = board.index.withLock { $0 }
    let (decision, servers) = board.members.withLock { members in
      (
        index.decide(query, at: network, from: source, members: members, turn: turn & 0xff_ffff),
        members.servers(of: source, on: network)
      )
    }
    switch decision {
    case .ignore: break
    case .answer(let answer): reply(answer.encoded(for: query, limit: limit(query, asker)), to: asker)
    case .forward: forward(bytes, query, source, asker, to: servers)
    }
  }

  private func limit(_ query: NameQuery, _ asker: ForwardedQuestion.Asker) -> Int {
    if case .datagram = asker { query.answerLimit } else { 65535 }
  }

  private mutating func reply(_ bytes: [UInt8], to asker: ForwardedQuestion.Asker) {
    switch asker {
    // A full socket drops the answer; the container asks again.
    case .datagram(let socket, let peer): _ = try? socket.send(bytes, to: peer)
    case .connection(let token):
      guard let client = clients[token] else { return }
      let framed = NameStream.framed(bytes)
      // A client that does not read its answers has no use for the connection.
      if (try? client.socket.send(framed)) != framed.count { forget(token) }
    }
  }

  private mutating func forward(
    _ bytes: [UInt8], _ query: NameQuery, _ source: IPv4Address, _ asker: ForwardedQuestion.Asker,
    to servers: [IPv4Address]?
  ) {
    var question = ForwardedQuestion(
      bytes: bytes, query: query, source: source, asker: asker, servers: servers ?? resolvers.current(),
      now: HostFile.monotonicMilliseconds)
    if questions.count < Self.questionLimit,
      questions.values.count(where: { $0.source == source }) < Self.questionShare, ask(&question)
    {
      return
    }
    reply(NameAnswer.failure(2).encoded(for: query, limit: limit(query, asker)), to: asker)
  }

  /// Asks the next server that can be reached. False: there is none left.
  private mutating func ask(_ question: inout ForwardedQuestion) -> Bool {
    while let socket = question.begin(now: HostFile.monotonicMilliseconds) {
      watch(socket, as: .upstream)
      guard sockets[nextToken] != nil else { continue }
      if socket.transport == .tcp {
        _ = try? board.queue.change(socket.descriptor, to: .writable, token: nextToken)
      }
      questions[nextToken] = question
      return true
    }
    return false
  }

  private mutating func proceed(_ token: UInt64, _ ready: EventQueue.Interest) {
    guard var question = questions[token], let socket = sockets[token] else { return forget(token) }
    switch question.advance(socket, ready) {
    case .waiting(let interest):
      questions[token] = question
      _ = try? board.queue.change(socket.descriptor, to: interest, token: token)
    case .answered(let bytes):
      forget(token)
      reply(bytes, to: question.asker)
    case .failed: retry(token, &question)
    }
  }

  private mutating func retry(_ token: UInt64, _ question: inout ForwardedQuestion) {
    forget(token)
    if ask(&question) { return }
    let limit = limit(question.query, question.asker)
    reply(NameAnswer.failure(2).encoded(for: question.query, limit: limit), to: question.asker)
  }

  private var untilDeadline: Int? {
    let deadlines = [questions.values.map(\.deadline).min(), clients.values.map(\.deadline).min()]
    guard let next = deadlines.compactMap({ $0 }).min() else { return nil }
    return max(0, next - HostFile.monotonicMilliseconds)
  }

  private mutating func expire() {
    if questions.isEmpty && clients.isEmpty { return }
    let now = HostFile.monotonicMilliseconds
    for (token, client) in clients where client.deadline <= now { forget(token) }
    for (token, question) in questions where question.deadline <= now {
      var question = question
      retry(token, &question)
    }
  }
}
