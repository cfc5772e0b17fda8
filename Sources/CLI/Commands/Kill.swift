import ArgumentParser

struct Kill: SessionCommand {
  static let configuration = CommandConfiguration(abstract: "Send a signal to the containers of services.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Option(name: .shortAndLong, help: "The signal, by name or number.")
  var signal = "SIGKILL"
  @Argument(help: "Only these services.")
  var service: [String] = []

  func execute(_ session: Session) throws(CLIError) {
    let client = try session.engine()
    for container in try session.containers(service, all: false) {
      try client.kill(container.id, signal: signal)
      session.console.complain(" Container \(container.name)  Killed (\(signal))")
    }
  }
}
