import ArgumentParser
import EngineInterface

struct Ls: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", _superCommandName: "cairn", abstract: "List stacks.")
  @OptionGroup var common: CommonOptions

  @Flag(name: .shortAndLong, help: "Show stacks of which nothing runs too.")
  var all = false
  @Flag(name: .shortAndLong, help: "Only show names.")
  var quiet = false
  @Option(help: "table or json.")
  var format = ListFormat.table

  func execute(_ session: Session) throws(CLIError) {
    let stacks = try session.engine().stacks().filter { all || $0.running > 0 || $0.desired > 0 }
    if quiet {
      session.console.write(stacks.map { $0.name + "\n" }.joined())
    } else if format == .json {
      session.console.write(try JSONText.line(stacks.map(Row.init)))
    } else {
      session.console.write(Self.table(stacks))
    }
  }

  static func table(_ stacks: [StackSummary]) -> String {
    var table = Table("NAME", "STATUS", "CONFIG FILES")
    for stack in stacks { table.add(stack.name, status(stack), stack.files.joined(separator: ",")) }
    return table.text
  }

  /// `running(3)`, or `running(2/3)` where some are missing.
  static func status(_ stack: StackSummary) -> String {
    if stack.desired == 0, stack.running == 0 { return "stopped" }
    return stack.running == stack.desired
      ? "running(\(stack.running))" : "running(\(stack.running)/\(stack.desired))"
  }

  struct Row: Encodable {
    var name: String
    var status: String
    var configFiles: String

    enum CodingKeys: String, CodingKey {
      case name = "Name"
      case status = "Status"
      case configFiles = "ConfigFiles"
    }

    init(_ stack: StackSummary) {
      name = stack.name
      status = Ls.status(stack)
      configFiles = stack.files.joined(separator: ",")
    }
  }
}
