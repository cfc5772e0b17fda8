import FoundationEssentials

/// JSON as it goes over the wire. Our own values are written as they are; Docker's documents have
/// names that begin with a capital letter, which `docker…` does on the way.
package enum WireCoding {
  package static func encode(_ value: some Encodable) throws(APIError) -> [UInt8] {
    try encode(value, names: .useDefaultKeys)
  }

  package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(APIError)
    -> Value
  {
    try decode(type, from: bytes, names: .useDefaultKeys)
  }

  package static func dockerEncode(_ value: some Encodable) throws(APIError) -> [UInt8] {
    try encode(value, names: .custom { DockerName(stringValue: capitalized($0[$0.count - 1].stringValue)) })
  }

  package static func dockerDecode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8]
  ) throws(APIError) -> Value {
    try decode(
      type, from: bytes,
      names: .custom { DockerName(stringValue: uncapitalized($0[$0.count - 1].stringValue)) })
  }

  /// With small letters and underscores, as Docker's statistics are.
  package static func snakeEncode(_ value: some Encodable) throws(APIError) -> [UInt8] {
    try encode(value, names: .convertToSnakeCase)
  }

  private struct DockerName: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Some names of ours are more than their first letter away from Docker's.
  private static func capitalized(_ name: String) -> String {
    switch name {
    case "ip": return "IP"
    case "ipAddress": return "IPAddress"
    case "iD": return "ID"
    default: break
    }
    guard let first = name.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else {
      return name
    }
    return String(UnicodeScalar(first - 32)) + name.dropFirst()
  }

  private static func uncapitalized(_ name: String) -> String {
    switch name {
    case "IP": return "ip"
    case "IPAddress": return "ipAddress"
    case "ID": return "iD"
    default: break
    }
    guard let first = name.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else {
      return name
    }
    return String(UnicodeScalar(first + 32)) + name.dropFirst()
  }

  private static func encode(
    _ value: some Encodable, names: JSONEncoder.KeyEncodingStrategy
  ) throws(APIError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = names
    do {
      return Array(try encoder.encode(value))
    } catch {
      throw APIError(500, "an answer cannot be written as JSON: \(error)")
    }
  }

  private static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], names: JSONDecoder.KeyDecodingStrategy
  ) throws(APIError) -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = names
    do {
      return try decoder.decode(type, from: Data(bytes))
    } catch {
      throw APIError(400, "the JSON document is not what is expected here: \(explain(error))")
    }
  }

  private static func explain(_ error: any Error) -> String {
    func path(_ context: DecodingError.Context) -> String {
      let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? "." + $0.stringValue }.joined()
      return path.isEmpty ? "the document" : path
    }
    switch error as? DecodingError {
    case .keyNotFound(let key, let context): return "\(path(context)) has no '\(key.stringValue)'"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      return "\(path(context)): \(context.debugDescription)"
    default: return "\(error)"
    }
  }
}
