import ArgumentParser

struct Kill: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill", _superCommandName: "cairn", abstract: "Send a signal to the containers of services.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Option(name: .shortAndLong, help: "The signal, by name or number.")
  var signal = "SIGKILL"
  @Option(help: "Only the replica with this number.")
  var index: Int?
  @Argument(help: "Only these services.")
  var service: [String] = []

  func execute(_ session: Session) throws(CLIError) {
    let client = try session.engine()
    for container in try session.containers(service, all: false)
    where index == nil || index == container.number {
      try client.kill(container.id, signal: signal)
      session.console.complain(" Container \(container.name)  Killed (\(signal))")
    }
  }
}
