import EngineInterface
import Stacks
import Wire

/// One entry of the route table.
struct Route: Sendable {
  let method: String
  /// `/containers/{id}/json`: what is in braces stands for one part, with `*` before the closing
  /// brace for any number of parts.
  let pattern: String
  /// What it does, in a few words.
  let summary: String
  let handle: @Sendable (Request) async throws(APIError) -> Answer

  init(
    _ method: String, _ pattern: String, _ summary: String,
    _ handle: @escaping @Sendable (Request) async throws(APIError) -> Answer
  ) {
    self.method = method
    self.pattern = pattern
    self.summary = summary
    self.handle = handle
  }

  /// What stands in the braces, decoded; nil where the path is another one. Empty: there are none.
  func match(_ path: String) -> String? {
    guard let open = pattern.firstIndex(of: "{"), let close = pattern.firstIndex(of: "}") else {
      return path == pattern ? "" : nil
    }
    let before = pattern[..<open]
    let after = pattern[pattern.index(after: close)...]
    guard path.hasPrefix(before), path.hasSuffix(after),
      path.utf8.count > before.utf8.count + after.utf8.count
    else { return nil }
    let middle = path.dropFirst(before.count).dropLast(after.count)
    let takesMany = pattern[..<close].hasSuffix("*")
    guard takesMany || !middle.contains("/") else { return nil }
    return percentDecoded(middle)
  }
}

/// A request on its way to a route.
struct Request: Sendable {
  var head: RequestHead
  /// What stands in the braces of the route's pattern.
  var name: String
  var body: RequestBody

  var query: Query { head.query }

  /// Who asks, as `cairn` says it of itself. It is for the history only, and proves nothing.
  var requester: Requester {
    func text(_ field: String) -> String {
      String((head.fields[field].flatMap { percentDecoded(Substring($0)) } ?? "").prefix(200))
    }
    return Requester(user: text(Requester.userField), command: text(Requester.commandField))
  }

  /// A number in the query; nil: absent. Anything else is refused.
  func number(_ name: String) throws(APIError) -> Int? {
    guard let text = query[name], !text.isEmpty else { return nil }
    guard let number = Int(text) else {
      throw APIError(400, "the parameter \(name)=\(text.prefix(40)) is not a number")
    }
    return number
  }

  /// A time in the query; nil: absent. Docker gives seconds since the epoch with decimals; RFC 3339 is understood too. 0 is none.
  func moment(_ name: String) throws(APIError) -> Moment? {
    guard let text = query[name], !text.isEmpty, text != "0" else { return nil }
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    if let seconds = Int64(parts[0]), abs(seconds) < 9_000_000_000 {
      let decimals = parts.count == 2 ? parts[1].prefix(9) : ""
      if decimals.utf8.allSatisfy({ (48...57).contains($0) }) {
        let padded = decimals + String(repeating: "0", count: 9 - decimals.count)
        return Moment(nanoseconds: seconds * 1_000_000_000 + (Int64(padded) ?? 0))
      }
    }
    guard let moment = Moment(rfc3339: text) else {
      throw APIError(400, "the parameter \(name)=\(text.prefix(40)) is not a time; use seconds or RFC 3339")
    }
    return moment
  }
}
