import Foundation
import Testing

@testable import StackFile

/// Files that are made from `Samples`, with what Docker Compose makes of them: every attribute in every
/// form, every attribute of one file over that of another, and files with many at once.
///
/// `CAIRN_COMPOSE` names the binary of Docker Compose v5: `make compare`.
@Suite(.enabled(if: Compose.binary != nil)) struct CompareTests {
  struct Case: Sendable {
    var name: String
    /// The texts of the `-f` files.
    var files: [String]
    /// Further files, by path.
    var others: [(path: String, text: String)] = []
  }

  static func cases() -> [Case] {
    var cases: [Case] = []
    for (key, values) in Samples.service.sorted(by: { $0.key < $1.key }) {
      for (i, value) in values.enumerated() {
        cases.append(Case(name: "\(key) \(i)", files: [Samples.file([key: value])]))
        let other = values[(i + 1) % values.count]
        // Docker Compose refuses a text over a list, where we take the later one.
        if key == "gpus", other == "all" { continue }
        let override = "services:\n  a:\n    \(key): \(other)\n"
        cases.append(Case(name: "\(key) \(i) under the next", files: [Samples.file([key: value]), override]))
      }
      let (value, last) = (values[0], values.last { $0 != "null" } ?? "")
      for tag in ["!reset null", "!override \(last)"] where value != "null" {
        // This one must be a plain boolean there.
        if key == "use_api_socket", tag.hasPrefix("!override") { continue }
        let override = "services:\n  a:\n    \(key): \(tag)\n"
        cases.append(Case(name: "\(key) with \(tag)", files: [Samples.file([key: value]), override]))
      }
    }
    for (section, bodies) in Samples.resources.sorted(by: { $0.key < $1.key }) {
      for (i, body) in bodies.enumerated() {
        let uses = [
          "networks": "[n]", "volumes": "['data:/d']", "configs": "[c]", "secrets": "[s]", "models": "[m]",
        ]
        let lines = uses[section].map { [section: $0] } ?? [:]
        cases.append(Case(name: "\(section) \(i)", files: [Samples.file(lines, [section: body])]))
      }
    }
    for (name, files) in SampleProjects.all.sorted(by: { $0.key < $1.key }) {
      cases.append(Case(name: "project \(name)", files: [files[0].text], others: Array(files.dropFirst())))
    }
    var random = SeededRandom(7)
    for round in 0..<60 {
      var lines: [String: String] = [:]
      for _ in 0..<8 {
        guard let (key, values) = Samples.service.randomElement(using: &random), key != "network_mode" else {
          continue
        }
        lines[key] = values.randomElement(using: &random)
      }
      cases.append(Case(name: "mixed \(round)", files: [Samples.file(lines)]))
    }
    return cases
  }

  @Test func `at least 300 files give the same model`() throws {
    let folder = NSTemporaryDirectory() + "cairn-compare-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder + "/lib", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, text) in Samples.others {
      try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
    }
    let cases = Self.cases()
    #expect(cases.count >= 300)
    var differences: [String] = []
    for item in cases {
      let names = item.files.indices.map { "f\($0).yaml" }
      for (name, text) in zip(names, item.files) {
        try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
      }
      for (path, text) in item.others {
        let parent = "\(folder)/\(path)/.."
        try FileManager.default.createDirectory(
          atPath: NSString(string: parent).standardizingPath, withIntermediateDirectories: true)
        try text.write(toFile: "\(folder)/\(path)", atomically: false, encoding: .utf8)
      }
      let theirs = try Compose.config(names, in: folder)
      let ours = StackLoader.load(
        LoadRequest(
          files: names, workingDirectory: folder, projectName: "project", environment: Compose.environment,
          checksConsistency: false, bindsStack: false))
      let json = ours.document.flatMap { try? StackRenderer.json($0) }
      switch (theirs, json) {
      case (nil, nil): break
      case (nil, _?): differences.append("\(item.name): only Docker Compose refuses\n\(item.files)")
      case (_?, nil): differences.append("\(item.name): only cairn refuses\n\(ours.text)\(item.files)")
      case (let theirs?, let json?):
        let nodes = [theirs, json].map { try? CorpusTests.normalized(GoodFilesTests.node($0)) }
        if let expected = nodes[0], let actual = nodes[1] {
          let found = GoodFilesTests.differences(actual, expected, whole: nil, at: item.name)
          if actual != expected { differences.append((found + ["differs"]).joined(separator: "; ")) }
        } else {
          differences.append("\(item.name): no JSON")
        }
      }
    }
    print("compare: \(cases.count - differences.count) of \(cases.count) files are alike")
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
  }
}

/// Docker Compose v5, which needs no engine for `config`.
enum Compose {
  static let binary = ProcessInfo.processInfo.environment["CAIRN_COMPOSE"]
  static let environment = ["HOME": "/nonexistent", "CFG": "cfg", "B": "from-caller", "C": "caller"]

  /// The JSON of `config`; nil where the files are refused.
  static func config(_ files: [String], in folder: String) throws -> String? {
    guard let binary else { return nil }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [binary, "-p", "project"] + files.flatMap { ["-f", $0] } + [
        "config", "--format", "json", "--no-consistency",
      ]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    process.environment = environment.merging(["PATH": path]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
  }
}
