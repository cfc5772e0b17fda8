import Kernel

/// Where the engine is, and starting it where it is not there.
enum Autostart {
  static let defaultSocket = "/run/cairn/cairn.sock"
  static let defaultDataRoot = "/var/lib/cairn"
  static let defaultExecRoot = "/run/cairn"

  /// The path of the engine's socket. `host` is what the user gave, a path or `unix://PATH`; nil: the
  /// default one, and where nobody listens there an engine is started first.
  static func engine(host: String?) throws(CLIError) -> EngineClient {
    if let host { return EngineClient(path: try path(of: host)) }
    if let opened = try? UnixSocket.connect(to: defaultSocket) {
      return EngineClient(path: defaultSocket, first: FirstConnection(opened))
    }
    guard ThisProcess.isRoot else {
      throw CLIError(
        "reach the engine at \(defaultSocket): nobody answers, and only root may start one. Use sudo, or give the socket of your own engine with --host"
      )
    }
    do throws(SystemError) {
      try start()
    } catch {
      throw CLIError("start the engine: \(error)")
    }
    return EngineClient(path: defaultSocket)
  }

  static func path(of host: String) throws(CLIError) -> String {
    let path = host.hasPrefix("unix://") ? String(host.dropFirst(7)) : host
    guard path.hasPrefix("/") else {
      throw CLIError(
        "use the host '\(host)': it is not unix:///PATH; the engine listens on Unix sockets only")
    }
    return path
  }

  /// The program of the engine, which was installed beside this one.
  static func engineProgram() throws(SystemError) -> String { try ThisProcess.programBeside("cairn-engine") }

  /// What it must be told.
  static func engineArguments(dataRoot: String, execRoot: String, socket: String) -> [String] {
    ["--data-root", dataRoot, "--exec-root", execRoot, "--socket", socket]
  }

  /// Starts an engine in the background and returns when it answers.
  ///
  /// Of several that try at once one does it and the others wait for the lock. The engine inherits a
  /// pipe: it writes one byte when it is ready, and the pipe ends without one where it fails.
  private static func start() throws(SystemError) {
    try Files.makeDirectories(defaultExecRoot)
    try Files.makeDirectories(defaultDataRoot)
    let lock = try FileLock.wait(on: defaultExecRoot + "/start.lock")
    defer { withExtendedLifetime(lock) {} }
    if UnixSocket.isAnswering(defaultSocket) { return }
    let logPath = defaultDataRoot + "/engine.log"
    let log = try Files.openForAppending(logPath)
    var pipe: (reading: Descriptor, writing: Descriptor?) = try Descriptor.pipe()
    if let writing = pipe.writing {
      _ = try BackgroundProcess.start(
        try engineProgram(),
        engineArguments(dataRoot: defaultDataRoot, execRoot: defaultExecRoot, socket: defaultSocket)
          + ["--ready-fd", "3"], output: log, inherited: writing)
    }
    // Our own end goes, so that the pipe ends when the engine does.
    pipe.writing = nil
    guard try !pipe.reading.read(upTo: 1).isEmpty else {
      let lines = try Files.readText(logPath).split(separator: "\n").suffix(5).joined(separator: "\n  ")
      throw SystemError(
        "run 'cairn engine'", on: "", code: 0,
        hint: "it ended at once; the end of \(logPath) says:\n  \(lines)")
    }
  }
}
