import FoundationEssentials
import StackFile
import Testing

/// The README's table of attributes and the loader's tables are the same; `cairn config --attributes` prints it.
@Suite struct SupportTableTests {
  @Test func `the README has the table of attributes that the loader uses`() throws {
    let readme = Fixtures.directory + "../../../README.md"
    let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: readme)), as: UTF8.self)
    let start = try #require(text.firstRange(of: "<!-- attributes -->\n"))
    let end = try #require(text.firstRange(of: "<!-- end of attributes -->"))
    #expect(text[start.upperBound..<end.lowerBound] == SupportTable.markdown)
  }
}
