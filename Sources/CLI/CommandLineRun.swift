import ArgumentParser
import Kernel

/// One run of the program: arguments in, exit status out.
///
/// The status is 0, or 1 for whatever went wrong, as Docker Compose has it; `exec` ends as the process
/// it ran, an interrupted command with 128 and the signal's number, and `plan --detailed-exitcode` with
/// 2 where there is something to do.
package enum CommandLineRun {
  /// The program's own run.
  package static func run(_ arguments: [String], environment: [String: String]) -> Int32 {
    run(arguments, environment: environment, console: nil)
  }

  /// `console` nil: the process's own.
  static func run(_ arguments: [String], environment: [String: String], console: Console?) -> Int32 {
    let plain = console ?? Console.standard
    do {
      try execute(arguments, environment, console)
      return 0
    } catch let error as CLIError {
      if !error.message.isEmpty { plain.complain("error: \(error.message)") }
      return error.status
    } catch {
      // Help comes as an error too.
      let text = Cairn.fullMessage(for: error)
      if Cairn.exitCode(for: error) == .success {
        plain.write(text + "\n")
        return 0
      }
      plain.complain(text)
      return 1
    }
  }

  /// The command with all of its options, those before its name among them; nil: look closer. To parse
  /// them together costs half of what it costs to parse them apart, and that is milliseconds.
  static func parseTogether(_ before: [String], _ words: [String]) -> (any SessionCommand)? {
    guard let name = words.first, let type = Cairn.command(named: name) as? any SessionCommand.Type,
      let long = GlobalArguments.long(before)
    else { return nil }
    return (try? type.parseAsRoot(long + words.dropFirst())) as? any SessionCommand
  }

  /// Looks at the one command that is named: ArgumentParser makes a tree of all commands and their options,
  /// which takes longer than most commands do. The tree is for those who ask for help or err.
  private static func parse(_ words: [String]) throws -> any ParsableCommand {
    if let name = words.first, let type = Cairn.command(named: name),
      let command = try? type.parseAsRoot(Array(words.dropFirst()))
    {
      return command
    }
    return try Cairn.parseAsRoot(words)
  }

  private static func execute(
    _ arguments: [String], _ environment: [String: String], _ console: Console?
  ) throws {
    let (before, rest) = GlobalArguments.split(arguments)
    if let command = parseTogether(before, rest) {
      return try run(command, before: nil, rest, environment, console)
    }
    var globals: GlobalArguments?
    do {
      if !before.isEmpty { globals = try GlobalArguments.parse(before) }
    } catch {
      throw CLIError("\(GlobalArguments.message(for: error)); see 'cairn --help'")
    }
    if let word = rest.first, !word.hasPrefix("-"), word != "help", !Cairn.names.contains(word) {
      throw CLIError("unknown command '\(word)'; there are \(Cairn.names.joined(separator: ", "))")
    }
    var command = try parse(rest)
    if let command = command as? any SessionCommand {
      try run(command, before: globals, rest, environment, console)
    } else if let version = command as? Version {
      (console ?? Console.standard).write(version.text)
    } else {
      // A family of commands without one, or ArgumentParser's own that shows help: it comes as an error.
      try command.run()
    }
  }

  private static func run(
    _ command: any SessionCommand, before globals: GlobalArguments?, _ words: [String],
    _ environment: [String: String], _ console: Console?
  ) throws(CLIError) {
    let settings = try Settings(
      before: globals, after: command.common, files: command.files, environment: environment)
    try command.execute(Session(settings, console: console, command: words))
  }
}
