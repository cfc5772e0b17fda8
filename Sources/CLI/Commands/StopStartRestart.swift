import ArgumentParser
import Stacks
import Wire

/// `stop`, `start` and `restart`: the same request with another name.
protocol ServicesCommand: SessionCommand {
  static var verb: String { get }
  var service: [String] { get }
  var seconds: Int? { get }
}

extension ServicesCommand {
  func execute(_ session: Session) throws(CLIError) {
    let name = try session.stackName()
    let client = try session.engine()
    let request = ServicesRequest(services: service, timeout: seconds.map { .seconds(Int64($0)) })
    try session.watch(
      "POST", "/stacks/\(percentEncoded(name))/\(Self.verb)", .json(try client.encode(request)))
  }
}

struct Stop: ServicesCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", _superCommandName: "cairn", abstract: "Stop services; their containers are kept.")
  static let verb = "stop"
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Option(name: .shortAndLong, help: "Kill containers that did not stop after so many seconds.")
  var timeout: Int?
  var seconds: Int? { timeout }
  @Argument(help: "Only these services.")
  var service: [String] = []
}

struct Start: ServicesCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", _superCommandName: "cairn", abstract: "Start services that were stopped.")
  static let verb = "start"
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  var seconds: Int? { nil }
  @Argument(help: "Only these services.")
  var service: [String] = []
}

struct Restart: ServicesCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart", _superCommandName: "cairn", abstract: "Stop services and start them again.")
  static let verb = "restart"
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Option(name: .shortAndLong, help: "Kill containers that did not stop after so many seconds.")
  var timeout: Int?
  var seconds: Int? { timeout }
  @Argument(help: "Only these services.")
  var service: [String] = []
}
