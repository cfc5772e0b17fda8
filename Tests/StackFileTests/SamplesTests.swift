import Testing

@testable import StackFile

/// The samples, of which the comparison with Docker Compose is made, leave nothing out.
@Suite struct SamplesTests {
  /// All that is written in samples.
  static let text: String = {
    var lines: [String] = []
    for samples in [Samples.service, Samples.resources] {
      for (key, values) in samples { lines += [key + ":"] + values }
    }
    return lines.joined(separator: "\n")
  }()

  /// The keys of all tables that can be reached, with the table's name.
  static func keys() -> [(table: String, key: String)] {
    var keys: [(table: String, key: String)] = []
    var seen: Set<String> = []
    func look(_ shape: Shape) {
      if let table = shape.table, seen.insert(table.name).inserted {
        for (key, row) in table.rows {
          keys.append((table.name, key))
          look(row.form.shape)
        }
      }
      if let entry = shape.entry { look(entry) }
      if let value = shape.value { look(value) }
    }
    look(.object { Forms.top })
    return keys
  }

  @Test func `every key of every table has a sample`() {
    let keys = Self.keys().filter { $0.table != "the file" && $0.table != "an entry of 'include'" }
    #expect(keys.count > 300)
    let missing = keys.filter { !Self.text.contains($0.key + ":") }
    #expect(missing.isEmpty, "\(missing)")
  }

  @Test func `every sample is accepted`() {
    for (key, values) in Samples.service {
      for value in values {
        let files = Dictionary(uniqueKeysWithValues: Samples.others.map { ("/project/" + $0.key, $0.value) })
        let result = Fixtures.load(
          Samples.file([key: value]), files: files, environment: ["HOME": "/h"], checks: false, binds: false)
        #expect(result.document != nil, "\(key): \(value)\n\(result.text)")
      }
    }
  }

  @Test func `what is shown of a sample loads again to the same`() throws {
    for (key, values) in Samples.service where !["env_file", "label_file", "extends"].contains(key) {
      for value in values {
        let first = Fixtures.load(
          Samples.file([key: value]), environment: ["HOME": "/h"], checks: false, binds: false)
        let yaml = StackRenderer.yaml(try #require(first.document))
        let second = Fixtures.load(yaml, environment: ["HOME": "/h"], checks: false, binds: false)
        #expect(second.document.map(StackRenderer.yaml) == yaml, "\(key): \(value)\n\(second.text)")
      }
    }
  }
}
