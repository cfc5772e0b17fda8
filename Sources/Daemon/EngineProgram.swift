import ArgumentParser
import Kernel

/// The program `cairn-engine`: its arguments.
///
/// `cairn engine run` becomes it, and other commands start it where no engine answers; both say all that
/// there is to say, so that the defaults are theirs alone. It is a program of its own so that a client does
/// not carry an engine, its server and its database along, which costs time at every start.
struct EngineProgram: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cairn-engine",
    abstract: "Runs Cairn's engine. 'cairn engine run' is the command for users.")

  @Option(help: "What must survive a reboot: images, volumes, containers, stacks.")
  var dataRoot: String
  @Option(help: "What need not: sockets, states of running containers.")
  var execRoot: String
  @Option(help: "The absolute path of the socket to listen at.")
  var socket: String
  @Option(help: "The program that is each container's parent (default: cairn-shim beside this one).")
  var shim: String?
  @Flag(help: "Log every request.")
  var debug = false
  @Option(help: "A descriptor to write a byte to when requests are answered.")
  var readyFd: Int32?

  /// Runs until the engine ends; the exit status.
  static func run(_ arguments: [String]) -> Int32 {
    do {
      let program = try parse(arguments)
      try program.runEngine()
      return 0
    } catch let error as DaemonError {
      write("error: \(error)", to: .standardError)
      return 1
    } catch {
      // Help comes as an error too.
      let isHelp = exitCode(for: error) == .success
      write(fullMessage(for: error), to: isHelp ? .standardOutput : .standardError)
      return isHelp ? 0 : 1
    }
  }

  private func runEngine() throws(DaemonError) {
    let settings: EngineSettings
    let ready: Descriptor?
    do throws(SystemError) {
      let beside = try ThisProcess.programBeside("cairn-shim")
      settings = EngineSettings(
        dataRoot: dataRoot, execRoot: execRoot, socket: socket, shim: shim ?? beside, isVerbose: debug)
      ready = try readyFd.map { (number) throws(SystemError) in try Descriptor.inherited(number) }
    } catch {
      throw DaemonError("run the engine: \(error)")
    }
    try EngineHost.run(settings, ready: ready)
  }

  private static func write(_ text: String, to descriptor: Descriptor) {
    // There is nobody else to tell that it could not be written.
    try? descriptor.write((text + "\n").utf8)
  }
}
