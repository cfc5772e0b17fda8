import FoundationEssentials
import Testing

@testable import StackFile

/// Cases with Docker Compose's answers, in the directory that `CAIRN_CORPUS` names: `config/NAME` with
/// `compose.yaml`, `merge/NAME` with `base.yaml` and `override.yaml`, and beside them `expected.json`,
/// or `expected.err` where Docker Compose refuses the files.
@Suite(.enabled(if: Corpus.directory != nil)) struct CorpusTests {
  struct Case {
    var name: String
    var path: String
    var files: [String]
    var isAccepted: Bool
  }

  static func cases() throws -> [Case] {
    guard let directory = Corpus.directory else { return [] }
    var cases: [Case] = []
    for (kind, files) in [("config", ["compose.yaml"]), ("merge", ["base.yaml", "override.yaml"])] {
      let folder = "\(directory)/\(kind)"
      for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
        let isAccepted = FileManager.default.fileExists(atPath: "\(folder)/\(name)/expected.json")
        cases.append(
          Case(name: "\(kind)/\(name)", path: "\(folder)/\(name)", files: files, isAccepted: isAccepted))
      }
    }
    return cases
  }

  /// The answers were made in `/project` with an empty environment.
  static func load(_ item: Case) -> LoadResult {
    StackLoader.load(
      LoadRequest(
        files: item.files, workingDirectory: "/project", projectName: "project",
        environment: ["HOME": "/nonexistent"], checksConsistency: false, bindsStack: false,
        access: FileAccess { path in
          guard path.hasPrefix("/project/") else { return .failure(.absent) }
          return FileAccess.disk.read(item.path + path.dropFirst(8))
        }))
  }

  /// Sorted, and without what says nothing: null commands and empty objects.
  static func normalized(_ node: Node) -> Node {
    var copy = node
    switch node.content {
    case .scalar: break
    case .list(let items): copy.content = .list(items.map(normalized))
    case .map(let pairs):
      let kept = pairs.map { Node.Pair($0.key, normalized($0.value)) }.filter { pair in
        switch pair.key {
        case "command", "entrypoint": !pair.value.isNull
        case "ipam", "placement", "bind", "volume":
          !(pair.value.isNull || pair.value.content == .map([]))
        default: true
        }
      }
      copy.content = .map(kept.sorted { $0.key < $1.key })
    }
    return copy
  }

  @Test func `at least 99 of 100 accepted cases give the model of Docker Compose`() throws {
    let cases = try Self.cases().filter(\.isAccepted)
    var differences: [String] = []
    for item in cases {
      let result = Self.load(item)
      guard let document = result.document, let json = try? StackRenderer.json(document) else {
        differences.append("\(item.name) is refused: \(result.text)")
        continue
      }
      let text = String(
        decoding: try Data(contentsOf: URL(fileURLWithPath: item.path + "/expected.json")), as: UTF8.self)
      let (actual, expected) = (try GoodFilesTests.node(json), try GoodFilesTests.node(text))
      if Self.normalized(actual) != Self.normalized(expected) { differences.append("\(item.name) differs") }
    }
    print("corpus: \(cases.count - differences.count) of \(cases.count) accepted cases are equal")
    #expect(!cases.isEmpty)
    #expect(differences.count * 100 <= cases.count, "\(differences.joined(separator: "\n"))")
  }

  @Test func `at least 99 of 100 refused cases are refused`() throws {
    let cases = try Self.cases().filter { !$0.isAccepted }
    let accepted = cases.filter { item in
      guard let document = Self.load(item).document else { return false }
      return (try? StackRenderer.json(document)) != nil
    }
    print("corpus: \(cases.count - accepted.count) of \(cases.count) refused cases are refused")
    #expect(accepted.count * 100 <= cases.count, "\(accepted.map(\.name))")
  }
}

/// Where the cases are; nil where there are none.
enum Corpus {
  static let directory = ProcessInfo.processInfo.environment["CAIRN_CORPUS"]
}
