import DockerAPI
import Engine
import EngineInterface
import Kernel
import Logging
import Synchronization

/// Where an engine keeps things and listens.
struct EngineSettings: Sendable {
  var dataRoot: String
  var execRoot: String
  /// The absolute path of its socket.
  var socket: String
  /// The absolute path of the program that is each container's parent.
  var shim: String
  var isVerbose: Bool
}

/// The process of `cairn-engine`: an engine, the server before it, and the signals that end both.
enum EngineHost {
  /// Runs until a signal or a client ends it. `ready` gets a byte once requests are answered.
  static func run(_ settings: EngineSettings, ready: Descriptor?) throws(DaemonError) {
    let signals: SignalDescriptor
    let ended: (reading: Descriptor, writing: Descriptor)
    do throws(SystemError) {
      signals = try SignalDescriptor([SignalDescriptor.interrupt, SignalDescriptor.terminate])
      ended = try Descriptor.pipe()
    } catch {
      throw DaemonError("\(error)")
    }
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    var logger = Logger(label: "cairn")
    logger.logLevel = settings.isVerbose ? .debug : .info
    let failure = Mutex<DaemonError?>(nil)
    let life = EngineLife(settings, logger, ready, open: openEngine)
    // The engine's tasks run beside this thread, which does nothing but wait for signals.
    Task {
      do throws(DaemonError) { try await life.run() } catch { failure.withLock { $0 = error } }
      try? ended.writing.write([0])
    }
    do throws(SystemError) {
      while try !Poll.wait(readable: [signals.number, ended.reading.number]).contains(ended.reading.number) {
        guard let signal = signals.next() else { continue }
        logger.info("signal \(signal): ending; containers go on")
        life.stop()
      }
    } catch {
      throw DaemonError("\(error)")
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }
}

/// Opens the engine at the roots that the settings name.
let openEngine: @Sendable (EngineSettings, Logger) async throws(EngineError) -> OpenedEngine = {
  (settings, logger) throws(EngineError) in
  let engine = try await CairnEngine(
    .init(
      dataRoot: settings.dataRoot, execRoot: settings.execRoot, shimPath: settings.shim,
      version: cairnVersion, logger: logger))
  return OpenedEngine(service: engine, run: { await engine.run() })
}
