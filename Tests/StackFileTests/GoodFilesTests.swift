import FoundationEssentials
import Stacks
import Testing

@testable import StackFile

/// Each `Fixtures/good/NAME.yaml` gives the stack of `NAME.json`, the output of `config` of
/// `NAME.config`, and the warnings of `NAME.diagnostics`.
@Suite struct GoodFilesTests {
  static func load(_ text: String) -> LoadResult {
    Fixtures.load(
      text,
      files: [
        "/project/web.env":
          "# of the service\nFROM_FILE='a $b'\nYES=\"overridden\"\nexport TWICE=${FROM_FILE}\n",
        "/project/.env": "FROM_DOTENV=dotenv\nBOTH=dotenv\n",
      ],
      environment: [
        "HOME": "/home/user", "TAG": "1.27", "EMPTY": "", "FROM_CALLER": "caller", "BOTH": "shell",
      ])
  }

  static func json(_ stack: Stack) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(stack), as: UTF8.self) + "\n"
  }

  /// JSON is YAML.
  static func node(_ json: String) throws -> Node {
    var findings = Findings()
    let file = findings.add(file: "json")
    return try #require(NodeReader.read(Array(json.utf8), file: file, findings: &findings)?.first)
  }

  /// Where two values differ. A field that the expected one does not know may be there as long as it
  /// has a default's value, which is in `whole`: `Stack` may get more of them.
  static func differences(_ actual: Node, _ expected: Node, whole: Node?, at path: String) -> [String] {
    switch (actual.content, expected.content) {
    case (.map(let pairs), .map(let wanted)):
      var all: [String] = []
      for pair in pairs {
        if let other = expected[pair.key] {
          all += differences(pair.value, other, whole: whole?[pair.key], at: "\(path).\(pair.key)")
        } else if whole?[pair.key]?.content != pair.value.content {
          all.append("\(path).\(pair.key) is not expected")
        }
      }
      for pair in wanted where actual[pair.key] == nil { all.append("\(path).\(pair.key) is missing") }
      return all
    case (.list(let items), .list(let wanted)) where items.count == wanted.count:
      return zip(items, wanted).enumerated().flatMap {
        differences($1.0, $1.1, whole: whole?.items[$0], at: "\(path)[\($0)]")
      }
    default: return actual == expected ? [] : ["\(path) is \(actual.kind), not \(expected.kind)"]
    }
  }

  @Test(arguments: try Fixtures.names(in: "good"))
  func `a good file gives its stack, its config and its warnings`(name: String) throws {
    let result = Self.load(try Fixtures.text("good/\(name).yaml"))
    let stack = try #require(result.stack, "\(result.text)")
    let document = try #require(result.document)
    let text = try Fixtures.text("good/\(name).json")
    let whole = try JSONDecoder().decode(Stack.self, from: Data(text.utf8))
    let differences = Self.differences(
      try Self.node(Self.json(stack)), try Self.node(text), whole: try Self.node(Self.json(whole)),
      at: "stack")
    #expect(differences == [])
    #expect(StackRenderer.yaml(document) == (try Fixtures.text("good/\(name).config")))
    #expect(result.text == (try Fixtures.text("good/\(name).diagnostics")))
  }

  @Test(arguments: try Fixtures.names(in: "good"))
  func `the output of config is a file with the same meaning`(name: String) throws {
    let first = Self.load(try Fixtures.text("good/\(name).yaml"))
    for text in [
      StackRenderer.yaml(try #require(first.document)), try StackRenderer.json(try #require(first.document)),
    ] {
      let second = Fixtures.load(text, environment: ["HOME": "/elsewhere"])
      #expect(second.stack == first.stack, "\(second.text)")
      #expect(second.lines == [])
      let documents = (try #require(first.document), try #require(second.document))
      #expect(try StackRenderer.json(documents.0) == StackRenderer.json(documents.1))
    }
  }
}
