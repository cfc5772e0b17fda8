import ArgumentParser
import Crypto
import Kernel
import StackFile

struct Config: SessionCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case yaml, json }

  static let configuration = CommandConfiguration(
    commandName: "config", _superCommandName: "cairn",
    abstract: "Check the stack files and show them as one in canonical form.",
    discussion: """
      All of the Compose Specification may stand in them: what this runtime does not carry out is \
      refused by 'up' and 'plan'.
      """)
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Option(help: "yaml or json; with json, what is wrong is told as JSON too, on standard error.")
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
  @Flag(help: "Only show the variables that the files ask for, with their defaults.")
  var variables = false
  @Option(
    help: ArgumentHelp(
      "Only show a digest of each of these services, which changes where its containers do; * is every one.",
      valueName: "services"))
  var hash: String?
  @Option(
    help: ArgumentHelp(
      "Only show where values come from, and what they took the place of, such as services.web.image.",
      valueName: "path"))
  var explain: String?
  @Flag(help: "Only show a JSON schema of stack files, for editors; no file is read.")
  var schema = false
  @Flag(help: "Only show what becomes of each attribute of the Compose Specification; no file is read.")
  var attributes = false
  @Argument(help: "Only these services and what they depend on.")
  var service: [String] = []

  func execute(_ session: Session) throws(CLIError) {
    if attributes { return session.console.write(SupportTable.markdown) }
    if schema { return session.console.write(JSONSchema.text) }
    let document = try session.document(services: service, asJSON: format == .json) { request in
      request.interpolates = !noInterpolate && !variables
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
    if variables { return try variableTable(document) }
    if let hash { return try hashes(hash, document) }
    if let explain { return try explanation(explain, document) }
    if format == .yaml { return StackRenderer.yaml(document) }
    do throws(RenderError) {
      return try StackRenderer.json(document)
    } catch {
      throw CLIError("show the stack as JSON: \(error)")
    }
  }

  private func variableTable(_ document: StackDocument) throws(CLIError) -> String {
    let variables = document.templateVariables
    guard format == .yaml else {
      return try JSONText.line(
        variables.map {
          [
            "name": $0.name, "required": "\($0.isRequired)", "default": $0.fallback ?? "",
            "alternate": $0.alternate ?? "",
          ]
        })
    }
    var table = Table("NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE")
    for variable in variables {
      table.add(
        variable.name, "\(variable.isRequired)", variable.fallback ?? "", variable.alternate ?? "")
    }
    return table.text
  }

  /// A line for each service: its name and a SHA-256 of all that its containers are made from.
  private func hashes(_ wanted: String, _ document: StackDocument) throws(CLIError) -> String {
    let names = wanted == "*" ? document.services : wanted.split(separator: ",").map(String.init).sorted()
    var text = ""
    for name in names {
      guard let content = document.hashedText(of: name) else {
        throw CLIError("no such service: \(name); there are \(document.services.joined(separator: ", "))")
      }
      let digest = SHA256.hash(data: Array(content.utf8))
      text += name + " " + digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\n"
    }
    return text
  }

  private func explanation(_ path: String, _ document: StackDocument) throws(CLIError) -> String {
    if let text = document.explanation(of: path) { return text }
    let (known, next) = document.alternatives(to: path)
    let place = known.isEmpty ? "at the top" : "at \(known)"
    throw CLIError("nothing is at '\(path)'; \(place) there is \(next.prefix(20).joined(separator: ", "))")
  }
}
