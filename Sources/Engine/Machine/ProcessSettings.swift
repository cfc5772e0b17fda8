internal import EngineInterface
internal import Images
package import Stacks

/// What a container runs, once the service's wishes and the image's defaults are put together. Pure.
package struct ProcessSettings: Hashable, Sendable {
  /// The program and its arguments.
  package var arguments: [String]
  /// `NAME=VALUE`; the image's in its order, then the service's further ones by name.
  package var environment: [String]
  /// `USER[:GROUP]`; empty: root.
  package var user: String
  /// Absolute.
  package var workingDirectory: String
  /// A name such as `SIGTERM`.
  package var stopSignal: String
  /// nil: it has none, or it is switched off.
  package var healthcheck: Healthcheck?
  /// The paths that the image wants a volume at and no mount of the service covers.
  package var imageVolumes: [String]
}

extension ProcessSettings {
  package static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// As Docker does it: an entrypoint in the stack file drops the image's command, a command does
  /// not drop the image's entrypoint.
  ///
  /// Throws where nothing says what to run.
  init(_ template: ContainerTemplate, _ image: ImageDefaults) throws(EngineError) {
    let entrypoint = template.entrypoint ?? image.entrypoint ?? []
    let command = template.command ?? (template.entrypoint == nil ? image.command : nil) ?? []
    arguments = entrypoint + command
    guard !arguments.isEmpty, !arguments[0].isEmpty else {
      throw EngineError(
        .invalid,
        "the image \(template.image) names no command to run and neither does the stack file; add `command:` to the service"
      )
    }
    environment = ProcessSettings.environment(template, image)
    user = template.user ?? image.user
    let directory = template.workingDirectory ?? image.workingDirectory
    workingDirectory = directory.isEmpty ? "/" : directory
    stopSignal = template.stopSignal ?? image.stopSignal ?? "SIGTERM"
    healthcheck = ProcessSettings.healthcheck(template.healthcheck, image.healthcheck)
    let covered = Set(template.mounts.map(\.target))
    imageVolumes = image.volumes.filter { !covered.contains($0) }
  }

  private static func environment(_ template: ContainerTemplate, _ image: ImageDefaults) -> [String] {
    var order: [String] = []
    var values: [String: String] = [:]
    func set(_ name: String, _ value: String) {
      if values.updateValue(value, forKey: name) == nil { order.append(name) }
    }
    set("PATH", path)
    if template.tty { set("TERM", "xterm") }
    for entry in image.environment {
      // An entry without `=` names a variable to take from somewhere: there is nowhere (R8).
      guard let equals = entry.firstIndex(of: "=") else { continue }
      set(String(entry[..<equals]), String(entry[entry.index(after: equals)...]))
    }
    for (name, value) in template.environment.sorted(by: { $0.key < $1.key }) {
      if let value { set(name, value) } else { values[name] = nil }
    }
    var seen: Set<String> = []
    return order.compactMap { name in
      guard let value = values[name], seen.insert(name).inserted else { return nil }
      return name + "=" + value
    }
  }

  /// An environment with further entries, which replace those of the same name.
  static func merged(_ environment: [String], _ more: [String]) -> [String] {
    func name(_ entry: String) -> Substring { entry.prefix { $0 != "=" } }
    let replaced = Set(more.map(name))
    return environment.filter { !replaced.contains(name($0)) } + more
  }

  /// The service's check, with the image's test where the service gives none.
  private static func healthcheck(_ wanted: Healthcheck?, _ image: Healthcheck?) -> Healthcheck? {
    guard var check = wanted ?? image, !check.isDisabled else { return nil }
    if check.test == nil { check.test = image?.test }
    if image?.isDisabled == true, wanted?.test == nil { return nil }
    return check.test == nil ? nil : check
  }
}
