import ArgumentParser
import EngineInterface

struct Version: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case pretty, json }

  static let configuration = CommandConfiguration(
    commandName: "version", _superCommandName: "cairn", abstract: "Show which Cairn this is.")
  @Flag(help: "Only the number.")
  var short = false
  @Option(name: .shortAndLong, help: "pretty or json.")
  var format = Format.pretty

  var text: String {
    if short { return cairnVersion + "\n" }
    switch format {
    case .pretty: return "Cairn version \(cairnVersion)\n"
    case .json: return "{\"version\":\"\(cairnVersion)\"}\n"
    }
  }
}
