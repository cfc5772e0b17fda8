import ArgumentParser
import EngineInterface
import Stacks

struct Diff: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", _superCommandName: "cairn",
    abstract: "Show in which fields the stack file differs from what was last applied.",
    discussion: """
      Ends with status 0 where nothing differs, and with 2 where something does. 'cairn plan' says what \
      'up' would do about it, and about what differs on the machine.
      """)
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }
  @Option(help: "text, one line a field, or json.")
  var format = Format.text

  func execute(_ session: Session) throws(CLIError) {
    let wanted = try session.load()
    let client = try session.engine()
    let isKept = try client.stacks().contains { $0.name == wanted.name }
    let kept = isKept ? try client.stack(wanted.name) : Stack(name: wanted.name)
    let changes = kept.changes(to: wanted)
    switch format {
    case .text: session.console.write(changes.map { "\($0)\n" }.joined())
    case .json: session.console.write(try JSONText.line(changes))
    }
    if !changes.isEmpty { throw .silent(status: 2) }
  }
}
