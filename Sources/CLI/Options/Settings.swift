import Kernel

/// The global options, those before the command and those after it together, with the environment.
struct Settings {
  var files: [String] = []
  var projectName: String?
  var projectDirectory: String?
  var profiles: [String] = []
  var envFiles: [String] = []
  var ansi = Ansi.auto
  var progress = ProgressStyle.auto
  var host: String?
  var environment: [String: String] = [:]

  /// What stands after the command wins; lists are joined. `before` nil: nothing stood there.
  init(
    before: GlobalArguments?, after: CommonOptions, files: [String], environment: [String: String]
  ) throws(CLIError) {
    let (first, shared) = (before?.common.shared, after.shared)
    self.files = (before?.stackFile.file ?? []) + files
    projectName = after.projectName ?? before?.common.projectName
    projectDirectory = shared.projectDirectory ?? first?.projectDirectory
    profiles = (first?.profile ?? []) + shared.profile
    envFiles = (first?.envFile ?? []) + shared.envFile
    ansi = try Self.choose(shared.ansi ?? first?.ansi, "ansi", environment) ?? .auto
    progress = try Self.choose(shared.progress ?? first?.progress, "progress", environment) ?? .auto
    host = shared.host ?? first?.host ?? environment["CAIRN_HOST"].flatMap { $0.isEmpty ? nil : $0 }
    self.environment = environment
  }

  /// The value of the option with this name, or of the variable that stands for it.
  private static func choose<Value: RawRepresentable & CaseIterable>(
    _ given: String?, _ name: String, _ environment: [String: String]
  ) throws(CLIError) -> Value? where Value.RawValue == String {
    let variable = "COMPOSE_\(name.uppercased())"
    guard let text = given ?? environment[variable].flatMap({ $0.isEmpty ? nil : $0 }) else { return nil }
    guard let value = Value(rawValue: text) else {
      let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
      let source = given == nil ? "the variable \(variable)=" : "--\(name) "
      throw CLIError("use \(source)\(text): it must be one of \(known)")
    }
    return value
  }
}
