import DockerAPI
import Engine
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

  static func shimBesideProgram() throws(CLIError) -> String {
    do throws(SystemError) {
      let program = try ThisProcess.program()
      let directory = program[..<(program.lastIndex(of: "/") ?? program.startIndex)]
      return directory + "/cairn-shim"
    } catch {
      throw CLIError("find cairn-shim: \(error)")
    }
  }
}

/// The process of `cairn engine`: an engine, the server before it, and the signals that end both.
enum EngineHost {
  /// Runs until a signal or a client ends it. `ready` gets a byte once requests are answered.
  static func run(_ settings: EngineSettings, ready: Descriptor?) throws(CLIError) {
    let signals = try Waiting.signals([SignalDescriptor.interrupt, SignalDescriptor.terminate])
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    var logger = Logger(label: "cairn")
    logger.logLevel = settings.isVerbose ? .debug : .info
    let ended: (reading: Descriptor, writing: Descriptor)
    do throws(SystemError) { ended = try Descriptor.pipe() } catch { throw CLIError("\(error)") }
    let failure = Mutex<CLIError?>(nil)
    let life = EngineLife(settings, logger, ready, open: openEngine)
    // The engine's tasks run beside this thread, which does nothing but wait for signals.
    Task {
      do throws(CLIError) { try await life.run() } catch { failure.withLock { $0 = error } }
      try? ended.writing.write([0])
    }
    while try !Waiting.readable([signals.number, ended.reading.number]).contains(ended.reading.number) {
      guard let signal = signals.next() else { continue }
      logger.info("signal \(signal): ending; containers go on")
      life.stop()
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
