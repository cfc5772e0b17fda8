/// A JSON schema of what the loader accepts, for editors, made from the loader's own tables.
public enum JSONSchema {
  /// The schema as JSON, draft 7.
  public static var text: String {
    var writer = Writer()
    let top = writer.object(Forms.top)
    var fields: [(String, JSONValue)] = [
      ("$schema", .string("http://json-schema.org/draft-07/schema#")),
      ("title", .string("Compose Specification, as cairn reads it")),
    ]
    if case .map(let pairs) = top { fields += pairs }
    fields.append(
      ("definitions", .map(writer.definitions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })))
    return JSONWriter.text(.map(fields))
  }

  private struct Writer {
    var definitions: [String: JSONValue] = [:]

    mutating func object(_ table: Table) -> JSONValue {
      var properties: [(String, JSONValue)] = []
      for (key, row) in table.rows.sorted(by: { $0.key < $1.key }) {
        var fields = pairs(of: schema(row.form.shape))
        // In draft 7 nothing counts beside a reference.
        if fields.first?.0 == "$ref" { fields = [("allOf", .list([.map(fields)]))] }
        if let note = row.support.note { fields.append(("description", .string(note))) }
        properties.append((key, .map(fields)))
      }
      return .map([
        ("type", .string("object")), ("properties", .map(properties)),
        ("patternProperties", .map([("^x-", .map([]))])), ("additionalProperties", .bool(false)),
      ])
    }

    private func pairs(of value: JSONValue) -> [(String, JSONValue)] {
      if case .map(let pairs) = value { pairs } else { [] }
    }

    private mutating func schema(_ shape: Shape) -> JSONValue {
      switch shape {
      case .string: type("string")
      case .number: type("number")
      case .integer: type("integer")
      case .boolean: type("boolean")
      case .null: type("null")
      case .any: .map([])
      case .words(let words):
        // A variable may stand for any of them.
        .map([
          (
            "anyOf",
            .list([
              .map([("enum", .list(words.map { .string($0) }))]),
              .map([("type", .string("string")), ("pattern", .string("\\$"))]),
            ])
          )
        ])
      case .list(let entry): .map([("type", .string("array")), ("items", schema(entry))])
      case .map(let value):
        .map([("type", .string("object")), ("additionalProperties", schema(value))])
      case .either(let shapes): .map([("anyOf", .list(shapes.map { schema($0) }))])
      case .object(let table): reference(table())
      }
    }

    private func type(_ name: String) -> JSONValue { .map([("type", .string(name))]) }

    private mutating func reference(_ table: Table) -> JSONValue {
      let name = table.key
      if definitions[name] == nil {
        definitions[name] = .null
        definitions[name] = object(table)
      }
      return .map([("$ref", .string("#/definitions/\(name)"))])
    }
  }
}

extension Table {
  /// The name as one word: 'a volume of a service' is `volume_of_a_service`, and what is called by its
  /// key, such as 'bind', is `bind_settings`.
  fileprivate var key: String {
    var words = name.replacing("'", with: "").split(separator: " ")
    if words.count > 1, ["a", "an", "the"].contains(words[0]) { words.removeFirst() }
    if name.hasPrefix("'") { words.append("settings") }
    return words.joined(separator: "_")
  }
}

extension Support {
  /// What an editor says of the key; nil where it simply works.
  fileprivate var note: String? {
    switch self {
    case .works: nil
    case .noEffect(let why): "No effect: \(why)."
    case .refused(let instead): "Refused by 'cairn up': \(instead)."
    case .only(let values): "'cairn up' takes only \(alternatives(values))."
    case .obsolete: "Obsolete, without effect."
    }
  }
}
