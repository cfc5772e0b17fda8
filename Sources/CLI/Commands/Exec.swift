import ArgumentParser
import DockerAPI
import Kernel

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
    let container = try find(words[0], session, client)
    var size: [UInt16]?
    if hasTerminal, let terminal = Terminal.size(1) { size = [terminal.rows, terminal.columns] }
    let request = DockerExecRequest(
      command: Array(words.dropFirst()), tty: hasTerminal, hasInput: !detach,
      environment: env.map { Self.variable($0, session.settings.environment) }, user: user,
      workingDirectory: workdir, isPrivileged: privileged, consoleSize: size)
    let created = try client.docker(
      DockerCreated.self,
      try client.ask("POST", "/containers/\(container)/exec", .json(try docker(request))))
    let how = DockerExecStart(detach: detach, tty: hasTerminal)
    if detach {
      _ = try client.ask("POST", "/exec/\(created.id)/start", .json(try docker(how)))
      return
    }
    let connection = try client.connect()
    try connection.request("POST", "/exec/\(created.id)/start", .json(try docker(how)), upgrades: true)
    guard connection.head.status == 101 || connection.head.status == 200 else {
      let code = try? status(client, created.id)
      do throws(CLIError) { try connection.expectSuccess() } catch {
        throw CLIError(error.message, status: code ?? 126)
      }
      return
    }
    let pump = ExecPump(
      client: client, connection: connection, target: "/exec/\(created.id)", hasTerminal: hasTerminal,
      hasInput: true)
    if hasTerminal {
      try Terminal.inRawMode(0) { () throws(CLIError) in try pump.run(session.console) }
    } else {
      try pump.run(session.console)
    }
    let code = try status(client, created.id)
    if code != 0 { throw .silent(status: code) }
  }

  /// `NAME` alone takes the value from our own environment.
  static func variable(_ text: String, _ environment: [String: String]) -> String {
    text.contains("=") ? text : "\(text)=\(environment[text] ?? "")"
  }

  /// What is asked of `DockerContainerDetail`.
  private struct Target: Decodable {
    struct State: Decodable { var running: Bool }
    struct Config: Decodable { var labels: [String: String] }
    var id: String
    var state: State
    var config: Config
  }

  /// The ID of the running replica. Its usual name is asked for first: one question, however many
  /// replicas there are.
  private func find(_ service: String, _ session: Session, _ client: EngineClient) throws(CLIError) -> String
  {
    let stack = try session.stackName()
    let usual = "\(stack)-\(service)-\(index ?? 1)"
    if let detail = try? client.docker(
      Target.self, try client.ask("GET", "/containers/\(percentEncoded(usual))/json")),
      detail.state.running, detail.config.labels["com.docker.compose.project"] == stack,
      detail.config.labels["com.docker.compose.service"] == service
    {
      return detail.id
    }
    return try Self.choose(try session.containers([service], all: false), service, index).id
  }

  static func choose(
    _ containers: [ListedContainer], _ service: String, _ index: Int?
  ) throws(CLIError) -> ListedContainer {
    guard let index else {
      guard let first = containers.first else {
        throw CLIError(
          "run a command in service \(service): it is not running; 'cairn up \(service)' starts it")
      }
      return first
    }
    guard let chosen = containers.first(where: { $0.number == index }) else {
      let known = containers.map { "\($0.number)" }.joined(separator: ", ")
      throw CLIError(
        "run a command in replica \(index) of service \(service): it is not running; running: \(known.isEmpty ? "none" : known)"
      )
    }
    return chosen
  }

  private func docker(_ value: some Encodable) throws(CLIError) -> [UInt8] {
    do throws(APIError) { return try WireCoding.dockerEncode(value) } catch { throw CLIError("\(error)") }
  }

  private func status(_ client: EngineClient, _ id: String) throws(CLIError) -> Int32 {
    let detail = try client.docker(DockerExecDetail.self, try client.ask("GET", "/exec/\(id)/json"))
    return detail.exitCode ?? 0
  }
}
