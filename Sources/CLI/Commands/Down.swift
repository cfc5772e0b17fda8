import ArgumentParser
import Wire

struct Down: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "down", _superCommandName: "cairn",
    abstract: "Stop and remove the containers and networks of a stack.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Flag(name: .shortAndLong, help: "Remove the stack's volumes too, with all that is in them.")
  var volumes = false
  @Option(name: .shortAndLong, help: "Kill containers that did not stop after so many seconds.")
  var timeout: Int?
  @Flag(help: "Accepted as Docker Compose has it: whatever belongs to the stack is removed anyway.")
  var removeOrphans = false

  func execute(_ session: Session) throws(CLIError) {
    let name = try session.stackName()
    var query: [String] = []
    if volumes { query.append("volumes=1") }
    if let timeout { query.append("timeout=\(timeout)") }
    let target = "/stacks/\(percentEncoded(name))" + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    try session.watch("DELETE", target)
  }
}
