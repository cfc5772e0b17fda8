import ArgumentParser
import EngineInterface
import Kernel

struct EngineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine", _superCommandName: "cairn",
    abstract: "Run the engine in the foreground, or end one.",
    subcommands: [EngineRun.self, EngineStop.self, EngineInfo.self, EngineUnit.self],
    defaultSubcommand: EngineRun.self)
}

struct EngineRun: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", _superCommandName: "cairn",
    abstract: "Run the engine until it is told to end; containers go on after that.")

  @Option(help: "What must survive a reboot: images, volumes, containers, stacks.")
  var dataRoot = Autostart.defaultDataRoot
  @Option(help: "What need not: sockets, states of running containers.")
  var execRoot = Autostart.defaultExecRoot
  /// `--host` is the socket to listen at; the default is `cairn.sock` in the exec root.
  @OptionGroup var common: CommonOptions
  @Option(help: "The program that is each container's parent (default: cairn-shim beside this one).")
  var shim: String?
  @Flag(help: "Log every request.")
  var debug = false

  func execute(_ session: Session) throws(CLIError) {
    var socket = execRoot + "/cairn.sock"
    if let host = session.settings.host { socket = try Autostart.path(of: host) }
    var words = Autostart.engineArguments(dataRoot: dataRoot, execRoot: execRoot, socket: socket)
    if let shim { words += ["--shim", shim] }
    if debug { words.append("--debug") }
    do throws(SystemError) {
      try ThisProcess.become(try Autostart.engineProgram(), words)
    } catch {
      throw CLIError("run the engine: \(error); it belongs beside this program")
    }
  }
}

struct EngineStop: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", _superCommandName: "cairn", abstract: "End the engine; containers go on.")
  @OptionGroup var common: CommonOptions

  func execute(_ session: Session) throws(CLIError) {
    let path = try session.settings.host.map { (host) throws(CLIError) in try Autostart.path(of: host) }
    try EngineClient(path: path ?? Autostart.defaultSocket).stopEngine()
  }
}

struct EngineInfo: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", _superCommandName: "cairn",
    abstract: "Show which engine answers and where it keeps things.")
  @OptionGroup var common: CommonOptions
  @Option(help: "table or json.")
  var format = ListFormat.table

  func execute(_ session: Session) throws(CLIError) {
    let client = try session.engine()
    let information = try client.information()
    if format == .json { return session.console.write(try JSONText.line(information)) }
    session.console.write(
      """
      Version:    \(information.version)
      Socket:     \(client.path)
      Data root:  \(information.dataRoot)
      Exec root:  \(information.execRoot)
      Process:    \(information.pid)
      Kernel:     \(information.kernelVersion)
      Cgroups:    \(information.cgroups)

      """)
  }
}
