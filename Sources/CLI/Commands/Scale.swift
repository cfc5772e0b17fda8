import ArgumentParser
import Wire

struct Scale: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale", _superCommandName: "cairn",
    abstract: "Change how many containers services have; 'up' goes back to what the file says.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Argument(help: ArgumentHelp("How many of each.", valueName: "SERVICE=NUMBER"))
  var scale: [ScaleArgument]

  func execute(_ session: Session) throws(CLIError) {
    let name = try session.stackName()
    let client = try session.engine()
    let request = ScaleRequest(replicas: ScaleArgument.counts(scale))
    try session.watch(
      "POST", "/stacks/\(percentEncoded(name))/scale", .json(try client.encode(request)))
  }
}
