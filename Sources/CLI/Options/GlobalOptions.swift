import ArgumentParser

/// What every command understands, besides `-f`.
struct CommonOptions: ParsableArguments {
  @Option(name: [.customShort("p"), .long], help: "The stack's name.")
  var projectName: String?
  @OptionGroup var shared: SharedOptions
}

/// The same for commands in which `-p` means something else.
struct LongCommonOptions: ParsableArguments {
  @Option(help: "The stack's name.")
  var projectName: String?
  @OptionGroup var shared: SharedOptions

  var common: CommonOptions {
    var common = CommonOptions()
    common.projectName = projectName
    common.shared = shared
    return common
  }
}

/// Those that are written alike everywhere. Words of which only some are allowed are plain texts here, which
/// `Settings` looks at: each further type of option costs every command a tenth of a millisecond.
struct SharedOptions: ParsableArguments {
  @Option(help: "Where relative paths begin (default: where the first stack file is).")
  var projectDirectory: String?
  @Option(help: "Activate a profile.")
  var profile: [String] = []
  @Option(help: "Read variables from this file instead of .env.")
  var envFile: [String] = []
  @Option(help: ArgumentHelp("Colours and cursor movement: never, always or auto.", valueName: "when"))
  var ansi: String?
  @Option(help: ArgumentHelp("How progress is shown: auto, tty, plain or quiet.", valueName: "how"))
  var progress: String?
  @Option(
    name: [.customShort("H"), .long],
    help: "The engine's socket, unix:///PATH (default: CAIRN_HOST, or one that is started on demand).")
  var host: String?
}

/// `-f`, for commands in which that letter means nothing else.
struct FileOption: ParsableArguments {
  @Option(name: .shortAndLong, help: "A stack file; several are merged in this order; - is standard input.")
  var file: [String] = []
}

/// `--file` for commands in which `-f` means something else.
struct LongFileOption: ParsableArguments {
  @Option(help: "A stack file; several are merged in this order; - is standard input.")
  var file: [String] = []
}

enum Ansi: String, CaseIterable { case never, always, auto }

enum ProgressStyle: String, CaseIterable { case auto, tty, plain, quiet }

enum ListFormat: String, ExpressibleByArgument, CaseIterable { case table, json }

/// `NAME=NUMBER`, as `--scale` takes it.
struct ScaleArgument: ExpressibleByArgument, Hashable {
  var service: String
  var count: Int

  init?(argument: String) {
    guard let equals = argument.lastIndex(of: "="), equals != argument.startIndex,
      let count = Int(argument[argument.index(after: equals)...]), count >= 0
    else { return nil }
    service = String(argument[..<equals])
    self.count = count
  }

  static func counts(_ arguments: [ScaleArgument]) -> [String: Int] {
    Dictionary(arguments.map { ($0.service, $0.count) }) { $1 }
  }
}
