import EngineInterface
import FoundationEssentials
import Stacks
import Wire

/// The parameter `filters` of Docker's listings: names with values, in either of the two forms that
/// clients send, `{"label": ["a=b"]}` and `{"label": {"a=b": true}}`.
struct Filters: Hashable, Sendable {
  private var values: [String: [String]] = [:]

  /// Refuses names that are not in `known`.
  init(_ text: String?, known: Set<String>) throws(APIError) {
    guard let text, !text.isEmpty else { return }
    let data = Data(text.utf8)
    if let lists = try? JSONDecoder().decode([String: [String]].self, from: data) {
      values = lists
    } else if let maps = try? JSONDecoder().decode([String: [String: Bool]].self, from: data) {
      values = maps.mapValues { map in map.filter(\.value).keys.sorted() }
    } else {
      throw APIError(400, "invalid filter: \(text.prefix(200)) is not a map of lists")
    }
    for name in values.keys.sorted() where !known.contains(name) {
      throw APIError(400, "invalid filter '\(name)'; supported: \(known.sorted().joined(separator: ", "))")
    }
  }

  func all(_ name: String) -> [String] { values[name] ?? [] }

  /// Whether one of the values fits, or there are none.
  func allows(_ name: String, _ fits: (String) -> Bool) -> Bool {
    let wanted = all(name)
    return wanted.isEmpty || wanted.contains(where: fits)
  }

  /// Whether each of the labels asked for, `NAME` or `NAME=VALUE`, is there.
  func allowsLabels(_ labels: [String: String]) -> Bool {
    all("label").allSatisfy { wanted in
      guard let equals = wanted.firstIndex(of: "=") else { return labels[wanted] != nil }
      return labels[String(wanted[..<equals])] == String(wanted[wanted.index(after: equals)...])
    }
  }
}
