import ArgumentParser

/// The options that stand before the command.
struct GlobalArguments: ParsableArguments {
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption

  /// Divides a command line before its first word that is no option and no option's value.
  static func split(_ arguments: [String]) -> (before: [String], rest: [String]) {
    let values: Set<String> = [
      "-f", "--file", "-p", "--project-name", "--project-directory", "--profile", "--env-file", "--ansi",
      "--progress", "-H", "--host",
    ]
    var index = 0
    while index < arguments.count, arguments[index].hasPrefix("-"), arguments[index] != "-" {
      // Help and what is unknown are for the command to answer.
      let name = arguments[index].prefix { $0 != "=" }
      guard values.contains(String(name)) || values.contains(String(name.prefix(2))) else { break }
      index += values.contains(arguments[index]) ? 2 : 1
    }
    index = min(index, arguments.count)
    return (Array(arguments[..<index]), Array(arguments[index...]))
  }

  /// The options by their long names, as every command with a session understands them after its own name;
  /// nil: there is one among them that must be looked at closer.
  static func long(_ arguments: [String]) -> [String]? {
    let names = ["-f": "--file", "-p": "--project-name", "-H": "--host"]
    var long: [String] = []
    var isValue = false
    for argument in arguments {
      if isValue {
        long.append(argument)
        isValue = false
      } else if argument.hasPrefix("--") {
        long.append(argument)
        isValue = !argument.contains("=")
      } else if let name = names[argument] {
        long.append(name)
        isValue = true
      } else {
        return nil
      }
    }
    return long
  }
}
