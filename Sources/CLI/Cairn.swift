import ArgumentParser

/// The command `cairn`: the commands that there are.
///
/// It has no options of its own for ArgumentParser to see: that would take `-f` of `cairn logs -f` for
/// its own. `GlobalArguments` takes what stands before the command.
struct Cairn: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cairn",
    abstract: "Runs stacks of containers as their stack files describe them.",
    usage: "cairn [OPTIONS] COMMAND",
    discussion: """
      Options, before the command or after it:
        -f, --file FILE          A stack file (default: compose.yaml and its like).
        -p, --project-name NAME  The stack's name.
        --project-directory DIR  Where relative paths begin.
        --profile NAME           Activate a profile.
        --env-file FILE          Read variables from this file instead of .env.
        --ansi WHEN              Colours and cursor movement: never, always, auto.
        --progress HOW           How progress is shown: auto, tty, plain, quiet.
        -H, --host SOCKET        The engine's socket, unix:///PATH.

      COMPOSE_FILE, COMPOSE_PROJECT_NAME, COMPOSE_PROFILES and .env count as for Docker Compose, and
      CAIRN_HOST for --host. Without a host, an engine is started where none runs.
      """,
    subcommands: [
      Up.self, Down.self, Ps.self, Ls.self, Logs.self, Exec.self, Run.self, Scale.self, Stop.self, Start.self,
      Restart.self, Kill.self, Stats.self, Top.self, Events.self, Config.self, PlanCommand.self, Diff.self,
      History.self, Rollback.self, Image.self, EngineCommand.self, Version.self,
    ])

  /// The command with this name. Each names `cairn` as its super-command, so that ArgumentParser, which
  /// may be given it alone, does not look first whether a completion script is asked for: that would take a
  /// millisecond, and is asked of `cairn` itself. nil: there is none, or it is a family of commands.
  static func command(named name: String) -> (any ParsableCommand.Type)? {
    let found = configuration.subcommands.first { $0.configuration.commandName == name }
    return found?.configuration.subcommands.isEmpty == true ? found : nil
  }

  /// The names of the commands. Each command says its own: ArgumentParser would make it from the type's
  /// name, which costs milliseconds in a big program.
  static var names: [String] { configuration.subcommands.compactMap { $0.configuration.commandName } }
}
