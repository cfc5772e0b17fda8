/// The head of a request.
package struct RequestHead: Hashable, Sendable {
  package var method: String
  /// The path with its version prefix and percent encoding, without the query.
  package var path: String
  package var query: Query
  package var fields: HTTPFields
  /// False: HTTP/1.0, which knows no chunks and closes after each message.
  package var isHTTP11: Bool

  package init(_ head: HeadParser.Head) throws(APIError) {
    let words = head.startLine.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, !words[0].isEmpty, words[0].utf8.allSatisfy(isTokenCharacter) else {
      throw APIError(400, "malformed HTTP request line \"\(head.startLine.prefix(80))\"")
    }
    guard words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0" else {
      throw APIError(505, "\(words[2].prefix(20)) is not supported; use HTTP/1.1")
    }
    var target = words[1]
    // A client may send the absolute form; the authority means nothing here.
    if target.hasPrefix("http://"), let slash = target.dropFirst(7).firstIndex(of: "/") {
      target = target[slash...]
    }
    guard target.hasPrefix("/") else {
      throw APIError(400, "malformed HTTP request target \"\(target.prefix(80))\"")
    }
    method = String(words[0])
    isHTTP11 = words[2] == "HTTP/1.1"
    fields = head.fields
    let mark = target.firstIndex(of: "?") ?? target.endIndex
    path = String(target[..<mark])
    query = Query(target[mark...].dropFirst())
  }

  package var keepsAlive: Bool { isHTTP11 && !fields.has("close", in: "Connection") }
}

/// The query of a request: names with values, decoded.
package struct Query: Hashable, Sendable {
  private var values: [String: [String]] = [:]

  package init(_ text: some StringProtocol = "") {
    for item in text.split(separator: "&") {
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = percentDecoded(parts[0], plusIsSpace: true)
      let value = parts.count == 2 ? percentDecoded(parts[1], plusIsSpace: true) : ""
      values[name, default: []].append(value)
    }
  }

  /// The first value; nil where the name is absent.
  package subscript(name: String) -> String? { values[name]?.first }

  /// Every value of the name.
  package func all(_ name: String) -> [String] { values[name] ?? [] }

  /// As Docker reads truth: absent, empty, `0`, `no`, `false` and `none` are false.
  package func flag(_ name: String) -> Bool {
    guard let value = self[name] else { return false }
    return !["", "0", "no", "false", "none"].contains(String(trimmed(value[...])).lowercased())
  }
}

/// Replaces `%XX` by the byte; what is no escape stays as it is.
package func percentDecoded(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "%"), rest.count >= 2,
      let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
      rest.first != UInt8(ascii: "+")
    {
      bytes.append(value)
      rest = rest.dropFirst(2)
    } else {
      bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// Replaces every byte that is not a letter, a digit or one of `-._~/:@` by `%XX`.
package func percentEncoded(_ text: String) -> String {
  let hex = Array("0123456789ABCDEF".utf8)
  var bytes: [UInt8] = []
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      bytes.append(byte)
    case _ where "-._~/:@".utf8.contains(byte): bytes.append(byte)
    default: bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
