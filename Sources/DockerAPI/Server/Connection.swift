import Kernel
import Logging
import NIOCore
import NIOPosix
import Wire

/// One client: requests in, answers out, one after the other, until it goes or we end.
struct Connection: Sendable {
  /// How long a client may take for the head of a request once it has begun one.
  static let patience = Duration.seconds(30)

  let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
  let routes: RouteTable
  /// Opens when the server ends.
  let stopping: Gate
  let logger: Logger

  func serve() async {
    let reader = ConnectionReader()
    do {
      try await channel.executeThenClose { inbound, outbound in
        await withTaskGroup(of: Void.self) { group in
          group.addTask {
            do {
              for try await buffer in inbound { await reader.push(Array(buffer.readableBytesView)) }
            } catch {
              logger.debug("a connection failed: \(error)")
            }
            reader.end()
          }
          await answerAll(reader, outbound)
          group.cancelAll()
        }
      }
    } catch {
      logger.debug("a connection failed: \(error)")
    }
  }

  private func answerAll(
    _ reader: ConnectionReader, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) async {
    while !stopping.isOpen, !Task.isCancelled {
      do {
        guard let head = try await nextHead(reader) else { return }
        guard try await answer(head, reader, outbound) else { return }
      } catch let error as APIError {
        // The request could not be read, so where the next one begins is not known.
        _ = try? await send(.failure(error), to: nil, keepsAlive: false, reader, outbound)
        return
      } catch {
        logger.debug("a connection failed: \(error)")
        return
      }
    }
  }

  /// nil: the client has gone, or the server ends.
  private func nextHead(_ reader: ConnectionReader) async throws(APIError) -> RequestHead? {
    let outcome = await withTaskGroup(of: Result<HeadParser.Head?, APIError>?.self) { group in
      let begun = Gate()
      group.addTask {
        var parser = HeadParser()
        do throws(APIError) {
          return .success(
            try await reader.pull { (queue, _) throws(APIError) in
              if !queue.isEmpty { begun.open() }
              return try parser.next(from: &queue)
            })
        } catch {
          return .failure(error)
        }
      }
      group.addTask {
        await stopping.wait()
        return .success(nil)
      }
      group.addTask {
        await begun.wait()
        try? await Task.sleep(for: Self.patience)
        return .failure(APIError(408, "the head of the request did not come within \(Self.patience)"))
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
    guard let head = try outcome?.get() else { return nil }
    return try RequestHead(head)
  }

  /// False: the connection is used up.
  private func answer(
    _ head: RequestHead, _ reader: ConnectionReader, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) async throws -> Bool {
    let framing = try BodyReader.framing(head.fields, otherwise: .length(0))
    var invite: (@Sendable () async -> Void)?
    if head.isHTTP11, head.fields.has("100-continue", in: "Expect") {
      invite = { try? await outbound.write(ByteBuffer(bytes: ResponseHead(status: 100).bytes)) }
    }
    let body = RequestBody(framing, from: reader, invite: invite)
    let answer = await routes.answer(head, body: body)
    logger.debug("\(head.method) \(head.path)")
    if case .hijack = answer {
      try await send(answer, to: head, keepsAlive: false, reader, outbound)
      return false
    }
    // What is left of the body is passed over, but not for long: a big one ends the connection.
    var left = 65536
    do throws(APIError) {
      while !body.isDone, left > 0 {
        guard reader.hasBytes, let bytes = try await body.next() else { break }
        left -= bytes.count
      }
    } catch {}
    let keepsAlive = head.keepsAlive && body.isDone && !stopping.isOpen
    return try await send(answer, to: head, keepsAlive: keepsAlive, reader, outbound) && keepsAlive
  }

  /// False: the answer was cut short, so that the connection must end.
  @discardableResult
  private func send(
    _ answer: Answer, to head: RequestHead?, keepsAlive: Bool, _ reader: ConnectionReader,
    _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) async throws -> Bool {
    var fields = RouteTable.commonFields
    switch answer {
    case .whole(let status, let own, let body):
      for field in own.all { fields.append(field.name, field.value) }
      let head = head?.method
      var response = ResponseHead(status: status, fields: fields)
      if !response.hasNoBody { response.fields.append("Content-Length", "\(body.count)") }
      if !keepsAlive { response.fields.append("Connection", "close") }
      let sent = head == "HEAD" || response.hasNoBody ? [] : body
      try await outbound.write(ByteBuffer(bytes: response.bytes + sent))
      return true
    case .stream(let contentType, let work):
      let isChunked = head?.isHTTP11 ?? true
      fields.append("Content-Type", contentType)
      if isChunked { fields.append("Transfer-Encoding", "chunked") }
      if !keepsAlive { fields.append("Connection", "close") }
      try await outbound.write(ByteBuffer(bytes: ResponseHead(status: 200, fields: fields).bytes))
      let stream = AnswerStream(outbound: outbound, isChunked: isChunked)
      let cut = Gate()
      let wasDone = await Gate.run(until: [reader.ended, stopping]) { [logger] in
        do {
          try await work(stream)
          try await stream.end()
        } catch {
          logger.debug("a stream was cut short: \(error)")
          cut.open()
        }
      }
      return wasDone && !cut.isOpen && isChunked
    case .hijack(let kind, let work):
      let upgrades = head?.fields["Upgrade"] != nil
      var response = ResponseHead(status: upgrades ? 101 : 200, fields: kind.fields(upgrades: upgrades))
      if upgrades {
        response.fields.append("Connection", "Upgrade")
        response.fields.append("Upgrade", "tcp")
      }
      try await outbound.write(ByteBuffer(bytes: response.bytes))
      if kind.isDockers { await headWasTaken() }
      _ = await Gate.run(until: [stopping]) {
        await work(HijackedConnection(reader: reader, outbound: outbound))
      }
      return false
    }
  }

  /// Waits, for at most 50 ms, until the client has taken the head off the socket: some read the head
  /// with a buffer that they throw away, and with it whatever came in the same read (docker-py #3332).
  private func headWasTaken() async {
    for _ in 0..<250 {
      let untaken = try? await channel.channel.eventLoop.submit { [channel] in
        try channel.channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
          of: NIOBSDSocket.Handle.self
        ) { UnixSocket.untakenBytes($0) }
      }.get()
      guard let count = untaken ?? nil, count > 0 else { return }
      try? await Task.sleep(for: .microseconds(200))
    }
  }
}
