import ArgumentParser
import Kernel
import StackFile

struct Config: SessionCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case yaml, json }

  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Check the stack files and show them as one in canonical form.",
    discussion: """
      All of the Compose Specification may stand in them: what this runtime does not carry out is \
      refused by 'up' and 'plan'.
      """)
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Option(help: "yaml or json.")
  var format = Format.yaml
  @Option(name: .shortAndLong, help: "Write to this file instead of standard output.")
  var output: String?
  @Flag(name: .shortAndLong, help: "Only check; print nothing where all is well.")
  var quiet = false
  @Flag(help: "Leave ${…} as it is written.")
  var noInterpolate = false
  @Flag(help: "Do not check that names are declared and values agree.")
  var noConsistency = false
  @Flag(help: "Only show the names of services.")
  var services = false
  @Flag(help: "Only show the names of images.")
  var images = false
  @Flag(help: "Only show the names of volumes.")
  var volumes = false
  @Flag(help: "Only show the names of networks.")
  var networks = false
  @Flag(help: "Only show the names of models.")
  var models = false
  @Flag(help: "Only show the names of profiles.")
  var profiles = false
  @Flag(help: "Only show the variables that ${…} is replaced from.")
  var environment = false
  @Flag(help: "Only show what becomes of each attribute of the Compose Specification; no file is read.")
  var attributes = false
  @Argument(help: "Only these services and what they depend on.")
  var service: [String] = []

  func execute(_ session: Session) throws(CLIError) {
    if attributes { return session.console.write(SupportTable.markdown) }
    let document = try session.document(services: service) { request in
      request.interpolates = !noInterpolate
      request.checksConsistency = !noConsistency
    }.selecting(service)
    if quiet { return }
    let text = try text(of: document)
    guard let output else { return session.console.write(text) }
    do throws(SystemError) {
      try Files.replace(output, with: text.utf8, mode: 0o644)
    } catch {
      throw CLIError("write the configuration to \(output): \(error)")
    }
  }

  private func text(of document: StackDocument) throws(CLIError) -> String {
    let lists: [(isWanted: Bool, names: [String])] = [
      (services, document.services), (images, document.images), (volumes, document.volumes),
      (networks, document.networks), (models, document.models), (profiles, document.profiles),
      (environment, document.environment),
    ]
    if let list = lists.first(where: \.isWanted) { return list.names.map { $0 + "\n" }.joined() }
    if format == .yaml { return StackRenderer.yaml(document) }
    do throws(RenderError) {
      return try StackRenderer.json(document)
    } catch {
      throw CLIError("show the stack as JSON: \(error)")
    }
  }
}
