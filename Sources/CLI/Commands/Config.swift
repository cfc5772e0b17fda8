import ArgumentParser
import StackFile
import Stacks

struct Config: SessionCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case yaml, json }

  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Check the stack file and show it in canonical form.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Option(help: "yaml or json.")
  var format = Format.yaml
  @Flag(name: .shortAndLong, help: "Only check; print nothing where all is well.")
  var quiet = false
  @Flag(help: "Only show the names of services.")
  var services = false
  @Flag(help: "Only show the names of images.")
  var images = false
  @Flag(help: "Only show the names of volumes.")
  var volumes = false
  @Flag(help: "Only show the names of networks.")
  var networks = false
  @Flag(help: "Only show the names of profiles.")
  var profiles = false
  @Argument(help: "Only check that these services are there.")
  var service: [String] = []

  func execute(_ session: Session) throws(CLIError) {
    let (stack, document) = try session.load(services: service)
    func list(_ names: some Sequence<String>) {
      session.console.write(Set(names).sorted().map { $0 + "\n" }.joined())
    }
    if quiet { return }
    if services { return list(stack.services.keys) }
    if images { return list(stack.services.values.map { $0.template.image.description }) }
    if volumes { return list(stack.volumes.keys) }
    if networks { return list(stack.networks.keys) }
    if profiles { return list(stack.services.values.flatMap(\.profiles)) }
    session.console.write(format == .yaml ? StackRenderer.yaml(document) : StackRenderer.json(document))
  }
}
