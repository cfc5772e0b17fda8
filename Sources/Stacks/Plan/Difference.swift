/// One field in which what is there differs from what is wanted.
public struct Difference: Codable, Hashable, Sendable, CustomStringConvertible {
  /// The field as the stack file writes it, such as `environment.PORT`.
  public var path: String
  /// The value that is there, for people.
  public var old: String
  /// The value that is wanted, for people.
  public var new: String
  /// It can be changed while the container runs.
  public var isLive: Bool

  public init(path: String, old: String, new: String, isLive: Bool = false) {
    self.path = path
    self.old = old
    self.new = new
    self.isLive = isLive
  }

  /// `environment.PORT: 80 → 8080`.
  public var description: String { "\(path): \(Self.clip(old)) → \(Self.clip(new))" }

  private static func clip(_ text: String) -> String {
    // Most are short and plain.
    if !text.isEmpty, text.utf8.count <= 60, text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) {
      return text
    }
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count > 60 ? line.prefix(59) + "…" : line
  }

  /// The first three, then how many more there are.
  static func summary(_ differences: [Difference]) -> String {
    let shown = differences.prefix(3).map(\.description).joined(separator: ", ")
    let rest = differences.count - 3
    return rest > 0 ? "\(shown) and \(rest) more" : shown
  }
}

/// Differences of two values, collected field by field.
struct Comparing<Value> {
  let old: Value
  let new: Value
  private(set) var found: [Difference] = []

  init(_ old: Value, _ new: Value) {
    self.old = old
    self.new = new
  }

  /// Compares one field; `show` words it.
  mutating func field<Field: Equatable>(
    _ path: String, _ key: KeyPath<Value, Field>, live: Bool = false,
    show: (Field) -> String = { "\($0)" }
  ) {
    let (before, after) = (old[keyPath: key], new[keyPath: key])
    guard before != after else { return }
    found.append(Difference(path: path, old: show(before), new: show(after), isLive: live))
  }

  /// Compares one field that may be nil, which is worded as `none`.
  mutating func optional<Field: Equatable>(
    _ path: String, _ key: KeyPath<Value, Field?>, live: Bool = false, none: String = "none",
    show: (Field) -> String = { "\($0)" }
  ) {
    let (before, after) = (old[keyPath: key], new[keyPath: key])
    guard before != after else { return }
    found.append(
      Difference(
        path: path, old: before.map(show) ?? none, new: after.map(show) ?? none, isLive: live))
  }

  /// Compares a dictionary entry by entry, in the order of the keys, but for those that are `known`.
  mutating func entries<Entry: Equatable>(
    _ path: String, _ key: KeyPath<Value, [String: Entry]>, live: Bool = false,
    except known: Set<String> = [],
    show: (Entry) -> String = { "\($0)" }
  ) {
    let (before, after) = (old[keyPath: key], new[keyPath: key])
    if before == after { return }
    for name in Set(before.keys).union(after.keys).sorted()
    where before[name] != after[name] && !known.contains(name) {
      found.append(
        Difference(
          path: "\(path).\(name)", old: before[name].map(show) ?? "none",
          new: after[name].map(show) ?? "none", isLive: live))
    }
  }

  mutating func add(_ differences: [Difference]) { found += differences }
}

/// Values worded for people.
enum Shown {
  /// Bytes with the largest unit that divides them: `256m`.
  static func bytes(_ count: UInt64) -> String {
    for (unit, shift) in [("g", UInt64(30)), ("m", 20), ("k", 10)]
    where count >= 1 << shift && count % (1 << shift) == 0 {
      return "\(count >> shift)\(unit)"
    }
    return "\(count)"
  }

  /// Thousandths of a CPU: `1.5`.
  static func cpus(_ thousandths: UInt64) -> String {
    let digits = "\(1000 + thousandths % 1000)".dropFirst()
    let trimmed = digits.reversed().drop { $0 == "0" }.reversed()
    return "\(thousandths / 1000)" + (trimmed.isEmpty ? "" : "." + String(trimmed))
  }
}
