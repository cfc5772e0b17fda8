import ArgumentParser
import StackFile

/// What `cairn run` changes of a service for one container. It is merged over the stack file like a file of
/// its own, so that each means, and is checked, as it is there.
struct RunOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "Set a variable, NAME=VALUE; NAME alone takes it from here.")
  var env: [String] = []
  @Option(name: .shortAndLong, help: "Mount something more, as under 'volumes' in a stack file.")
  var volume: [String] = []
  @Option(name: [.customShort("p"), .long], help: "Publish a port, as under 'ports' in a stack file.")
  var publish: [String] = []
  @Option(help: "Replace the entry point; the service's command goes with it.")
  var entrypoint: String?
  @Option(name: .shortAndLong, help: "Run it as this user.")
  var user: String?
  @Option(name: .shortAndLong, help: "Run it in this directory.")
  var workdir: String?
  @Option(name: .shortAndLong, help: "Add a label, NAME=VALUE.")
  var label: [String] = []
  @Option(help: "Add a capability.")
  var capAdd: [String] = []
  @Option(help: "Drop a capability.")
  var capDrop: [String] = []

  func check() throws {
    for variable in env where variable.isEmpty || variable.hasPrefix("=") {
      throw ValidationError("--env takes NAME=VALUE, not '\(variable)'")
    }
  }

  /// The options as a stack file; nil: there is nothing to change.
  func overlay(
    _ service: String, isJob: Bool, command: [String], keepsPorts: Bool
  ) -> LoadRequest.Overlay? {
    var lines: [String] = []
    func list(_ key: String, _ values: [String], tag: String = "") {
      if values.isEmpty { return }
      lines.append("\(key): \(tag)[\(values.map(Self.quoted).joined(separator: ", "))]")
    }
    list("environment", env)
    list("volumes", volume)
    list("ports", publish, tag: keepsPorts ? "" : "!override ")
    list("labels", label)
    list("cap_add", capAdd)
    list("cap_drop", capDrop)
    if let entrypoint {
      lines.append("entrypoint: !override \(Self.quoted(entrypoint))")
      if command.isEmpty { lines.append("command: []") }
    }
    list("command", command)
    if let user { lines.append("user: \(Self.quoted(user))") }
    if let workdir { lines.append("working_dir: \(Self.quoted(workdir))") }
    if lines.isEmpty { return nil }
    let text =
      "\(isJob ? "jobs" : "services"):\n  \(Self.quoted(service)):\n" + lines.map { "    \($0)\n" }.joined()
    return LoadRequest.Overlay(name: "options", text: text)
  }

  /// A YAML text in double quotes in which nothing is a variable.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": quoted += "\\\\"
      case "\"": quoted += "\\\""
      case "$": quoted += "$$"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\r": quoted += "\\r"
      default:
        if scalar.value < 32 || (127...159).contains(scalar.value) {
          let digits = String(scalar.value, radix: 16)
          quoted += "\\x" + (digits.count == 1 ? "0" : "") + digits
        } else {
          quoted.unicodeScalars.append(scalar)
        }
      }
    }
    return quoted + "\""
  }
}
