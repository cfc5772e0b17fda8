import Testing

@testable import StackFile

/// The schema for editors.
@Suite struct JSONSchemaTests {
  static func schema() throws -> Node { try GoodFilesTests.node(JSONSchema.text) }

  @Test func `it has every key of the top level and of a service`() throws {
    let schema = try Self.schema()
    #expect(schema["properties"]?.pairs.map(\.key).sorted() == SchemaTests.topKeys)
    let service = schema["definitions"]?["service"]?["properties"]?.pairs.map(\.key)
    #expect(service?.sorted() == SchemaTests.serviceKeys.sorted())
  }

  @Test func `every reference leads to a definition`() throws {
    let schema = try Self.schema()
    let known = Set(schema["definitions"]?.pairs.map(\.key) ?? [])
    var count = 0
    func look(_ node: Node) {
      for pair in node.pairs {
        if pair.key == "$ref", let target = pair.value.string {
          count += 1
          #expect(known.contains(String(target.dropFirst("#/definitions/".count))), "\(target)")
        }
        look(pair.value)
      }
      node.items.forEach(look)
    }
    look(schema)
    #expect(count > 40)
  }

  @Test func `two objects of one name are two definitions`() throws {
    let definitions = try Self.schema()["definitions"]
    #expect(definitions?["volume"]?["properties"]?["driver"] != nil)
    #expect(definitions?["volume_settings"]?["properties"]?["nocopy"] != nil)
  }

  @Test func `it says what becomes of a key`() throws {
    let service = try Self.schema()["definitions"]?["service"]?["properties"]
    #expect(service?["runtime"]?["description"]?.string == "Refused by 'cairn up': cairn is the runtime.")
    #expect(service?["image"]?["description"] == nil)
    #expect(
      service?["privileged"]?["anyOf"]?.items.compactMap { $0["type"]?.string } == ["boolean", "string"])
  }
}
