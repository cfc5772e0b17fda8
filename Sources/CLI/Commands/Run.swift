import ArgumentParser
import EngineInterface
import Kernel
import Stacks

struct Run: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", _superCommandName: "cairn",
    abstract: "Run a command once, in a new container beside those of a service, or a job.",
    usage: "cairn run [OPTIONS] SERVICE|JOB [COMMAND] [ARGS...]",
    discussion: """
      What the service depends on is started first. The container is no replica: nothing connects to it, and
      it is not started again. It ends as the command does, and stays until 'cairn down' unless --rm says
      otherwise; 'cairn ps -a' lists it.
      """)
  @OptionGroup var longCommon: LongCommonOptions
  var common: CommonOptions { longCommon.common }
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }
  @OptionGroup var changes: RunOptions

  @Flag(help: "Remove the container when it has ended.")
  var rm = false
  @Flag(name: [.customShort("d"), .long], help: "Print the container's name and leave it to itself.")
  var detach = false
  @Flag(name: .shortAndLong, help: "Pass standard input on (as it is anyway).")
  var interactive = false
  @Flag(name: [.customShort("T"), .long], help: "Give it no terminal.")
  var noTty = false
  @Option(help: "The container's name.")
  var name: String?
  @Flag(help: "Do not start what the service depends on.")
  var noDeps = false
  @Flag(name: [.customShort("P"), .long], help: "Publish the service's ports.")
  var servicePorts = false
  @Flag(help: "Let the service's name and aliases lead to the container too.")
  var useAliases = false
  @Argument(parsing: .captureForPassthrough, help: "The service or job, then a command in place of its own.")
  var words: [String] = []

  func validate() throws {
    // All that follows the first word that is no option is the command's, but this is for us.
    if words.first == "--help" || words.first == "-h" { throw CleanExit.helpRequest(self) }
    guard let service = words.first else { throw ValidationError("run takes a service") }
    if service.hasPrefix("-") { throw ValidationError("run has no option \(service)") }
    try changes.check()
  }

  func execute(_ session: Session) throws(CLIError) {
    let service = words[0]
    let overlay = changes.overlay(
      service, isJob: try session.hasJob(service), command: Array(words.dropFirst()), keepsPorts: servicePorts
    )
    let stack = try session.load(services: [service], overlay: overlay)
    let hasTerminal = !noTty && !detach && Terminal.isTerminal(0) && Terminal.isTerminal(1)
    let key = "\(service)-run-\(Self.hexadecimal(12))"
    // An ended container is kept for a moment for the one who waits for it.
    let keptFor: Span? = rm ? (detach ? Span.zero : Span.seconds(30)) : nil
    let how = RunChanges(
      name: name,
      hasTerminal: detach
        ? (stack.services[service]?.template ?? stack.jobs[service]?.template)?.tty ?? false : hasTerminal,
      hasInput: !detach, keepsPorts: servicePorts || !changes.publish.isEmpty, usesAliases: useAliases,
      ignoresDependencies: noDeps, keptFor: keptFor)
    guard let oneOff = stack.oneOff(of: service, as: key, how) else {
      throw CLIError("no such service: \(service)")
    }
    let request = RunRequest(
      key: key, oneOff: oneOff, startsDependencies: !noDeps, isAttached: !detach)
    let run = OneOffRun(session: session, client: try session.engine(), stack: stack.name, request: request)
    try run.begin(stack)
    if detach { return session.console.write(run.name + "\n") }
    let code = try run.follow(hasTerminal: hasTerminal)
    if rm { try run.discard() }
    if code != 0 { throw .silent(status: code) }
  }

  private static func hexadecimal(_ digits: Int) -> String {
    String((0..<digits).map { _ in "0123456789abcdef".randomElement() ?? "0" })
  }
}
