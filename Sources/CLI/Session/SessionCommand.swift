import ArgumentParser

/// A command that works with stacks or the engine: its options and those before it are gathered into a
/// session first.
protocol SessionCommand: ParsableCommand {
  var common: CommonOptions { get }
  /// The stack files that were named after the command.
  var files: [String] { get }

  func execute(_ session: Session) throws(CLIError)
}

extension SessionCommand {
  var files: [String] { [] }
}
