import ArgumentParser
import EngineInterface
import Kernel
import StackFile
import Wire

struct Exec: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec", _superCommandName: "cairn", abstract: "Run a command in a running container.",
    usage: "cairn exec [OPTIONS] SERVICE COMMAND [ARGS...]")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Flag(name: .shortAndLong, help: "Run it in the background.")
  var detach = false
  @Flag(name: .shortAndLong, help: "Pass standard input on (as it is anyway).")
  var interactive = false
  @Flag(name: [.customShort("t"), .long], help: "Give it a terminal; there must be one.")
  var tty = false
  @Flag(name: [.customShort("T"), .long], help: "Give it no terminal.")
  var noTty = false
  @Option(name: .shortAndLong, help: "Set a variable, NAME=VALUE.")
  var env: [String] = []
  @Option(name: .shortAndLong, help: "Run it as this user.")
  var user: String?
  @Option(name: .shortAndLong, help: "Run it in this directory.")
  var workdir: String?
  @Option(help: "Which replica of the service, from 1.")
  var index: Int?
  @Flag(help: "Give it every privilege.")
  var privileged = false
  @Argument(parsing: .captureForPassthrough, help: "The service, then the command with its arguments.")
  var words: [String] = []

  func validate() throws {
    // All that follows the first word that is no option is the command's, but this is for us.
    if words.first == "--help" || words.first == "-h" { throw CleanExit.helpRequest(self) }
    guard words.count >= 2 else { throw ValidationError("exec takes a service and a command") }
    guard !(tty && noTty) else { throw ValidationError("--tty and --no-tty exclude each other") }
  }

  func execute(_ session: Session) throws(CLIError) {
    let hasBoth = Terminal.isTerminal(0) && Terminal.isTerminal(1)
    if tty, !hasBoth, !detach {
      throw CLIError("give the command a terminal: standard input or output is none here; leave --tty away")
    }
    let hasTerminal = !noTty && !detach && hasBoth
    let client = try session.engine()
    let size = hasTerminal ? ExecPump.size : nil
    let options = ExecOptions(
      command: Array(words.dropFirst()),
      environment: env.map { Self.variable($0, session.settings.environment) }, user: user,
      workingDirectory: workdir, hasTerminal: hasTerminal, hasInput: !detach, isPrivileged: privileged)
    let request = ServiceExec(
      service: words[0], index: index, options: options, isDetached: detach,
      size: size.map { .init(rows: $0.rows, columns: $0.columns) })
    let connection = try client.connect()
    try connection.request(
      "POST", "/stacks/\(percentEncoded(try session.stackName()))/exec", .json(request.json),
      upgrades: !detach)
    try connection.expectSuccess()
    if detach { return }
    let id = connection.head.fields[ServiceExec.idField] ?? ""
    let pump = ExecPump(
      client: client, connection: connection, target: "/exec/\(id)", hasTerminal: hasTerminal,
      isFramed: true, knownSize: size)
    let status =
      try hasTerminal
      ? Terminal.inRawMode(0) { () throws(CLIError) in try pump.run(session.console) }
      : pump.run(session.console)
    guard let status else {
      throw CLIError("run a command in service \(words[0]): the engine ended before the command did")
    }
    if status != 0 { throw .silent(status: status) }
  }

  /// `NAME` alone takes the value from our own environment.
  static func variable(_ text: String, _ environment: [String: String]) -> String {
    text.contains("=") ? text : "\(text)=\(environment[text] ?? "")"
  }
}

extension ServiceExec {
  /// As `WireCoding` would write it. That takes milliseconds in a program that has just been started: its
  /// first value has the Swift runtime look through ten thousand conformances again and again.
  var json: [UInt8] {
    func list(_ texts: [String]) -> JSONValue { .list(texts.map { .string($0) }) }
    var how: [(String, JSONValue)] = [
      ("command", list(options.command)), ("environment", list(options.environment)),
      ("hasTerminal", .bool(options.hasTerminal)), ("hasInput", .bool(options.hasInput)),
      ("isPrivileged", .bool(options.isPrivileged)),
    ]
    if let user = options.user { how.append(("user", .string(user))) }
    if let directory = options.workingDirectory { how.append(("workingDirectory", .string(directory))) }
    var all: [(String, JSONValue)] = [
      ("service", .string(service)), ("options", .map(how)), ("isDetached", .bool(isDetached)),
    ]
    if let index { all.append(("index", .int(Int64(index)))) }
    if let size {
      all.append(("size", .map([("rows", .int(Int64(size.rows))), ("columns", .int(Int64(size.columns)))])))
    }
    return Array(JSONWriter.text(.map(all)).utf8)
  }
}
