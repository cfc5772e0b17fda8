public import EngineInterface
import Kernel
public import Logging
import NIOCore
import NIOPosix

/// The HTTP interface of an engine on a Unix socket: the Docker Engine API as far as it goes, and the
/// endpoints under `/stacks`. `RouteTable` has the list of what is served.
///
/// It is a view: it keeps no state of its own besides the processes that clients run with exec.
public struct APIServer: Sendable {
  private let engine: any EngineService
  private let path: String
  private let logger: Logger
  private let stopping = Gate()
  /// How long a request that is being answered may take once the server ends.
  private static let grace = Duration.seconds(5)

  /// `socketPath` is absolute and at most 107 bytes long; its directory must exist.
  public init(engine: any EngineService, socketPath: String, logger: Logger) {
    self.engine = engine
    self.path = socketPath
    self.logger = logger
  }

  /// Ends the server from outside; `run` returns once what is being answered is done.
  public func stop() { stopping.open() }

  /// Serves until the task is cancelled, `stop` is called, or a client asks for the end. `ready` is
  /// called once clients are answered. Throws where the socket cannot be had: another engine has it,
  /// or the path cannot be used.
  public func run(ready: @Sendable () -> Void = {}) async throws(ServerError) {
    let place: SocketPlace
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do throws(ServerError) {
      place = try SocketPlace.claim(path)
      try await serve(at: place, on: group, ready: ready)
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
    try? await group.shutdownGracefully()
  }

  private func serve(
    at place: SocketPlace, on group: MultiThreadedEventLoopGroup, ready: @Sendable () -> Void
  ) async throws(ServerError) {
    defer { place.release() }
    let routes = RouteTable(engine: engine, stop: { [stopping] in stopping.open() })
    do {
      let listener = try await ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 256)
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .bind(unixDomainSocketPath: place.fresh) { channel in
          channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
              wrappingChannelSynchronously: channel,
              configuration: .init(isOutboundHalfClosureEnabled: false))
          }
        }
      try place.publish()
      ready()
      await accept(from: listener, routes)
    } catch let error as ServerError {
      throw error
    } catch {
      throw ServerError("listen at \(path): \(error)")
    }
  }

  /// Serves clients until the gate opens; then takes no more, and gives those that are being answered
  /// `grace` before they are cut off.
  private func accept(
    from listener: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>, _ routes: RouteTable
  ) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        do {
          try await listener.executeThenClose { clients in
            try await withThrowingDiscardingTaskGroup { group in
              for try await client in clients {
                group.addTask {
                  await Connection(channel: client, routes: routes, stopping: stopping, logger: logger)
                    .serve()
                }
              }
            }
          }
        } catch {
          if !stopping.isOpen { logger.error("the socket cannot be listened at any more: \(error)") }
        }
      }
      group.addTask {
        await stopping.wait()
        try? await listener.channel.close()
        try? await Task.sleep(for: Self.grace)
      }
      await group.next()
      group.cancelAll()
    }
  }
}

/// Why the server could not begin.
public struct ServerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, on what, why it failed and what to do.
  public var message: String

  public init(_ message: String) { self.message = message }

  public var description: String { message }
}
