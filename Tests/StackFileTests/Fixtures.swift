import FoundationEssentials
import StackFile
import Stacks

/// Stack files with what is expected of them, beside this file.
enum Fixtures {
  static let directory = String(#filePath.prefix(upTo: #filePath.lastIndex(of: "/")!)) + "/Fixtures/"

  /// The names without ending of all `.yaml` files in a folder, sorted.
  static func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory + folder)
      .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory + path)))
  }

  static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: directory + path)), as: UTF8.self)
  }

  /// The files beside a fixture, from `NAME.files`: `== PATH` and its lines, by path below `/project`.
  static func files(beside path: String) -> [String: String] {
    guard let text = try? text(path + ".files") else { return [:] }
    var files: [String: String] = [:]
    var current = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("== ") {
        current = "/project/" + line.dropFirst(3)
      } else {
        files[current, default: ""] += line + "\n"
      }
    }
    return files
  }

  /// Loads a text as `/project/stack.yaml`, with further files by absolute path. Nothing of the
  /// machine is seen.
  static func load(
    _ text: String, files: [String: String] = [:], environment: [String: String] = [:],
    profiles: [String] = [], services: [String] = [], projectName: String? = nil, checks: Bool = true,
    binds: Bool = true
  ) -> LoadResult {
    load(
      bytes: Array(text.utf8), files: files, environment: environment, profiles: profiles,
      services: services, projectName: projectName, checks: checks, binds: binds)
  }

  static func load(
    bytes: [UInt8], files: [String: String] = [:], environment: [String: String] = [:],
    profiles: [String] = [], services: [String] = [], projectName: String? = nil, checks: Bool = true,
    binds: Bool = true
  ) -> LoadResult {
    let others = FileAccess.memory(files)
    return StackLoader.load(
      LoadRequest(
        files: files["/project/override.yaml"] == nil ? ["stack.yaml"] : ["stack.yaml", "override.yaml"],
        workingDirectory: "/project", projectName: projectName,
        environment: environment, activeProfiles: profiles, targetedServices: services,
        checksConsistency: checks, bindsStack: binds,
        access: FileAccess { $0 == "/project/stack.yaml" ? .success(bytes) : others.read($0) }))
  }

  /// Loads one service `web` with the given lines after its image.
  static func service(_ lines: String, environment: [String: String] = [:], files: [String: String] = [:])
    -> LoadResult
  {
    let body = lines.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
    return load("services:\n  web:\n    image: x\n" + body, files: files, environment: environment)
  }
}

extension LoadResult {
  var template: ContainerTemplate? { stack?.services["web"]?.template }
  var lines: [String] { diagnostics.map(\.description) }
  var text: String { diagnostics.map { $0.description + "\n" }.joined() }
}
