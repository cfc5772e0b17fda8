import StackFile
import Testing

/// Each `Fixtures/wrong/NAME.yaml` gives exactly the findings of `NAME.diagnostics`.
@Suite struct WrongFilesTests {
  @Test(arguments: try Fixtures.names(in: "wrong"))
  func `a wrong file gives exactly its findings`(name: String) throws {
    let result = Fixtures.load(
      bytes: try Fixtures.bytes("wrong/\(name).yaml"), files: ["/project/present.env": "A=1\n"],
      environment: ["HOME": "/home/user"])
    let expected = try Fixtures.text("wrong/\(name).diagnostics")
    #expect(result.text == expected, "wrong/\(name).yaml")
    #expect(result.stack == nil, "wrong/\(name).yaml must not give a stack")
    #expect(result.document == nil)
  }

  @Test func `there are at least seventy of them`() throws {
    #expect(try Fixtures.names(in: "wrong").count >= 70)
  }
}
