import Stacks
import Testing

@testable import Engine

@Suite struct StackTextsTests {
  @Test func `A text that was read before gives the same templates, and a changed one its own`() throws {
    let texts = StackTexts()
    func stack(_ image: String) throws -> Stack {
      Stack(
        name: "s", services: ["web": Service(template: ContainerTemplate(image: try ImageReference(image)))])
    }
    let (one, two) = (try StoredText.write(try stack("a:1")), try StoredText.write(try stack("a:2")))
    let read = try [one, two, one].map { try texts.read($0) }
    #expect(read == [try stack("a:1"), try stack("a:2"), try stack("a:1")])
    for number in 0..<100 { _ = try texts.read(try StoredText.write(try stack("b:\(number)"))) }
    #expect(try texts.read(one) == stack("a:1"))
  }
}
