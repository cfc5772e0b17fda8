import ArgumentParser
import EngineInterface
import Kernel
import Stacks
import Wire

struct Up: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "up", _superCommandName: "cairn", abstract: "Create and start containers.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Flag(name: [.customShort("d"), .long], help: "Leave the containers to themselves once they run.")
  var detach = false
  @Option(
    help: ArgumentHelp(
      "Run so many containers of a service, whatever the file says.", valueName: "SERVICE=NUMBER"))
  var scale: [ScaleArgument] = []
  @Flag(help: "Wait until services run or are healthy; implies --detach.")
  var wait = false
  @Option(help: "Give up waiting after so many seconds.")
  var waitTimeout: Int?
  @Flag(help: "Replace containers although nothing has changed.")
  var forceRecreate = false
  @Flag(
    name: [.customShort("V"), .long],
    help: "Replace containers that have volumes without a name, and those volumes too.")
  var renewAnonVolumes = false
  @Flag(help: "Remove containers of services that are not in the stack file.")
  var removeOrphans = false
  @Flag(help: "Produce monochrome output.")
  var noColor = false
  @Flag(help: "Do not print the container's name before each line.")
  var noLogPrefix = false
  @Flag(help: "Show timestamps.")
  var timestamps = false
  @Argument(help: "Only these services and what they depend on.")
  var service: [String] = []

  func execute(_ session: Session) throws(CLIError) {
    let stack = try Self.scaled(try session.load(services: service), scale)
    let options = ApplyOptions(
      waitsForHealth: wait, removesOrphans: removeOrphans, forcesRecreation: forceRecreate,
      renewsVolumes: renewAnonVolumes ? true : nil,
      timeout: waitTimeout.map { .seconds(Int64($0)) }, services: service)
    let client = try session.engine()
    let begin = session.now
    let isAttached = !detach && !wait
    let request = try client.encode(ApplyRequest(stack: stack, options: options))
    let target = "/stacks/\(percentEncoded(stack.name))"
    var wasInterrupted = false
    try session.watch(
      "PUT", target, .json(request), interrupted: isAttached ? { wasInterrupted = true } : nil)
    if wasInterrupted {
      session.console.complain("\nGracefully stopping...")
      try session.watch("POST", target + "/stop", .json(try client.encode(ServicesRequest())))
      throw .silent(status: 130)
    }
    guard isAttached else { return }
    let printer = LogPrinter(
      hasPrefix: !noLogPrefix, hasColors: session.console.hasOutputColors && !noColor, showsTimes: timestamps)
    session.console.complain("Attaching to the output of stack '\(stack.name)'; Ctrl+C stops it")
    let since = LogSource.Part(since: "\(begin.nanoseconds / 1_000_000_000)")
    try LogFollower(session, client, stack, services: service, printer, since, isAttached: true).run()
  }

  static func scaled(_ stack: Stack, _ scale: [ScaleArgument]) throws(CLIError) -> Stack {
    do throws(ValueError) { return try stack.scaled(ScaleArgument.counts(scale)) } catch {
      throw CLIError("\(error)")
    }
  }
}
