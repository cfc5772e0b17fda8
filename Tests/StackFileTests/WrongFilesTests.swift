import StackFile
import Testing

/// Each `NAME.yaml`, with the files of `NAME.files` beside it, gives exactly the findings of
/// `NAME.diagnostics`: those in `Fixtures/invalid` are wrong for everybody, those in `Fixtures/wrong`
/// when a stack is to be run.
@Suite struct WrongFilesTests {
  static func load(_ path: String, binds: Bool) throws -> LoadResult {
    let files = Fixtures.files(beside: path).merging(["/project/present.env": "A=1\n"]) { $1 }
    return Fixtures.load(
      bytes: try Fixtures.bytes(path + ".yaml"), files: files, environment: ["HOME": "/home/user"],
      binds: binds)
  }

  @Test(arguments: try Fixtures.names(in: "wrong"))
  func `a wrong file gives exactly its findings`(name: String) throws {
    let result = try Self.load("wrong/\(name)", binds: true)
    #expect(result.text == (try Fixtures.text("wrong/\(name).diagnostics")), "wrong/\(name).yaml")
    #expect(result.stack == nil && result.document == nil, "wrong/\(name).yaml must not give a stack")
  }

  @Test(arguments: try Fixtures.names(in: "invalid"))
  func `an invalid file gives exactly its findings`(name: String) throws {
    let result = try Self.load("invalid/\(name)", binds: false)
    #expect(result.text == (try Fixtures.text("invalid/\(name).diagnostics")), "invalid/\(name).yaml")
    #expect(result.document == nil, "invalid/\(name).yaml must not give a document")
  }

  @Test func `there are at least two hundred of them`() throws {
    #expect(try Fixtures.names(in: "wrong").count + Fixtures.names(in: "invalid").count >= 200)
  }
}
