/// The head of a response.
package struct ResponseHead: Hashable, Sendable {
  package var status: Int
  package var fields: HTTPFields

  package init(status: Int, fields: HTTPFields = [:]) {
    self.status = status
    self.fields = fields
  }

  /// Reads it, as a client does.
  package init(_ head: HeadParser.Head) throws(APIError) {
    let words = head.startLine.split(separator: " ", maxSplits: 2)
    guard words.count >= 2, words[0] == "HTTP/1.1" || words[0] == "HTTP/1.0", words[1].count == 3,
      let status = Int(words[1])
    else { throw APIError(502, "malformed HTTP status line \"\(head.startLine.prefix(80))\"") }
    self.status = status
    fields = head.fields
  }

  /// Whether a response with this status never has a body (RFC 9110, sections 15.2, 15.3.5, 15.4.5).
  package var hasNoBody: Bool { status < 200 || status == 204 || status == 304 }

  /// As it is sent.
  package var bytes: [UInt8] {
    var text = "HTTP/1.1 \(status) \(reason)\r\n"
    for field in fields.all { text += "\(field.name): \(field.value)\r\n" }
    return Array((text + "\r\n").utf8)
  }

  private var reason: String {
    switch status {
    case 100: "Continue"
    case 101: "UPGRADED"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 404: "Not Found"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 413: "Content Too Large"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    default: "Status"
    }
  }
}
