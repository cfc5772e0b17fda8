import ArgumentParser
import EngineInterface
import Stacks
import Wire

struct History: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", _superCommandName: "cairn",
    abstract: "List what was declared of a stack over time: when, by whom, and what changed.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Option(help: "table or json.")
  var format = ListFormat.table

  func execute(_ session: Session) throws(CLIError) {
    let revisions = try session.engine().history(try session.stackName())
    if format == .json {
      session.console.write(try JSONText.line(revisions))
    } else {
      session.console.write(Self.table(revisions, now: session.now))
    }
  }

  static func table(_ revisions: [Revision], now: Moment) -> String {
    var table = Table("REVISION", "WHEN", "BY", "COMMAND", "CHANGES")
    for revision in revisions.reversed() {
      table.add(
        "\(revision.number)", (now - revision.at).roundedForPeople + " ago", revision.by.user,
        revision.by.command, summary(revision.changes))
    }
    return table.text
  }

  /// The first two changes, and how many more there are.
  private static func summary(_ changes: [Difference]) -> String {
    let shown = changes.prefix(2).map(\.description).joined(separator: ", ")
    return changes.count > 2 ? "\(shown) and \(changes.count - 2) more" : shown
  }
}

struct Rollback: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", _superCommandName: "cairn",
    abstract: "Go back to what was declared of a stack before; 'cairn history' lists it.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Argument(help: "The number of a revision; without it, the one before the last.")
  var revision: Int?

  func execute(_ session: Session) throws(CLIError) {
    let name = try session.stackName()
    let query = revision.map { "?to=\($0)" } ?? ""
    try session.watch("POST", "/stacks/\(percentEncoded(name))/rollback\(query)")
  }
}
