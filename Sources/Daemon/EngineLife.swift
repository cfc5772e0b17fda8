import DockerAPI
import Engine
import EngineInterface
import Kernel
import Logging
import Synchronization

/// An engine that has been opened.
struct OpenedEngine: Sendable {
  /// What requests are answered from.
  let service: any EngineService
  /// Keeps its loops going until the task is cancelled.
  let run: @Sendable () async -> Void
}

/// One engine with its server, from opening to the end.
final class EngineLife: Sendable {
  private let settings: EngineSettings
  private let logger: Logger
  private let ready: Mutex<Descriptor?>
  private let state = Mutex(State())

  private struct State {
    var server: APIServer?
    /// The end was asked for, perhaps before there was a server.
    var isEnding = false
  }

  private let open: @Sendable (EngineSettings, Logger) async throws(EngineError) -> OpenedEngine

  init(
    _ settings: EngineSettings, _ logger: Logger, _ ready: Descriptor?,
    open: @escaping @Sendable (EngineSettings, Logger) async throws(EngineError) -> OpenedEngine
  ) {
    self.settings = settings
    self.logger = logger
    self.ready = Mutex(ready)
    self.open = open
  }

  /// Lets what is being answered be answered, and ends.
  func stop() {
    state.withLock { state in
      state.isEnding = true
      state.server?.stop()
    }
  }

  func run() async throws(DaemonError) {
    let engine: OpenedEngine
    do throws(EngineError) {
      engine = try await open(settings, logger)
    } catch {
      throw DaemonError("open the engine: \(error)")
    }
    let server = APIServer(engine: engine.service, socketPath: settings.socket, logger: logger)
    state.withLock { state in
      state.server = server
      if state.isEnding { server.stop() }
    }
    let outcome = await withTaskGroup(of: Result<Void, ServerError>?.self) { group in
      group.addTask {
        await engine.run()
        return nil
      }
      group.addTask {
        do throws(ServerError) {
          try await server.run { self.announce() }
          return .success(())
        } catch {
          return .failure(error)
        }
      }
      // The server's end is the engine's; the loops end only because they are told to.
      var outcome = await group.next() ?? nil
      if outcome == nil { outcome = await group.next() ?? nil }
      group.cancelAll()
      return outcome
    }
    if case .failure(let error) = outcome { throw DaemonError("\(error)") }
    logger.info("the engine has ended; containers go on")
  }

  private func announce() {
    logger.info("the engine answers at \(settings.socket)")
    let descriptor = ready.withLock { ready in
      defer { ready = nil }
      return ready
    }
    // Whoever waited for it may have gone; the engine does not mind.
    try? descriptor?.write([1])
  }
}
