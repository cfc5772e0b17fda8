/// A number that each replica tells over HTTP.
public struct HTTPMetric: Codable, Hashable, Sendable {
  /// On the replica's own address.
  public var port: UInt16
  /// Begins with `/`.
  public var path: String
  /// Which metric of an answer in Prometheus's text format it is; nil: the answer is the number alone.
  public var name: String?

  public init(port: UInt16, path: String = "/", name: String? = nil) {
    self.port = port
    self.path = path
    self.name = name
  }

  /// The number in an answer, of a metric the sum over its labels; nil: it is not there.
  public func value(in body: String) -> Double? {
    guard let name else { return Double(body.split(whereSeparator: \.isWhitespace).joined(separator: " ")) }
    let samples = body.split(whereSeparator: \.isNewline).compactMap { Self.sample(of: name, in: $0) }
    return samples.isEmpty ? nil : samples.reduce(0, +)
  }

  /// `NAME{LABELS} VALUE [TIME]`; the value of a label may hold spaces and braces.
  private static func sample(of name: String, in line: Substring) -> Double? {
    guard line.hasPrefix(name) else { return nil }
    var rest = line.dropFirst(name.count)
    switch rest.first {
    case "{":
      guard let end = rest.lastIndex(of: "}") else { return nil }
      rest = rest[rest.index(after: end)...]
    case " ", "\t": break
    default: return nil
    }
    return rest.split(whereSeparator: \.isWhitespace).first.flatMap { Double($0) }
  }
}

extension HTTPMetric: CustomStringConvertible {
  /// `:9100/metrics queue_length`
  public var description: String { ":\(port)\(path)" + (name.map { " " + $0 } ?? "") }
}
