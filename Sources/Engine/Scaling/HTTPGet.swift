internal import Kernel
internal import Stacks

/// One GET request with HTTP/1.0 (RFC 1945), whose answer ends with the connection: all that asking a
/// container for a number needs.
enum HTTPGet {
  /// Why there is no answer, in words.
  struct Failure: Error, Equatable { var words: String }

  /// An answer that is longer is none.
  static let longest = 1 << 20

  /// The body of the answer. Throws where there is none within `span`, or its status is not 200.
  static func body(from peer: InetAddress, path: String, within span: Span) async throws(Failure) -> String {
    let answer = await withTaskGroup(of: Result<[UInt8], Failure>.self) { group in
      group.addTask {
        do { return .success(try await ask(peer, path)) } catch {
          return .failure(Failure(words: "\(error)"))
        }
      }
      group.addTask {
        try? await Task.sleep(for: .nanoseconds(span.nanoseconds))
        return .failure(Failure(words: "no answer within \(span)"))
      }
      let first = await group.next()
      group.cancelAll()
      return first ?? .failure(Failure(words: "not asked"))
    }
    return try body(of: try answer.get())
  }

  private static func ask(_ peer: InetAddress, _ path: String) async throws(SystemError) -> [UInt8] {
    let socket = try InetSocket(.tcp)
    try socket.connect(to: peer)
    try await Poller.shared.writable(socket.descriptor)
    if let failure = socket.failure { throw failure }
    var request = Array("GET \(path) HTTP/1.0\r\nHost: \(peer)\r\nAccept: text/plain\r\n\r\n".utf8)[...]
    while !request.isEmpty {
      request = request.dropFirst(try socket.send(request))
      if !request.isEmpty { try await Poller.shared.writable(socket.descriptor) }
    }
    var answer: [UInt8] = []
    while answer.count <= longest {
      guard let (bytes, _) = try socket.receive() else {
        try await Poller.shared.readable(socket.descriptor)
        continue
      }
      if bytes.isEmpty { break }
      answer += bytes
    }
    return answer
  }

  /// Takes an answer apart. Pure.
  static func body(of answer: [UInt8]) throws(Failure) -> String {
    if answer.count > longest { throw Failure(words: "the answer has more than \(longest) bytes") }
    let text = String(decoding: answer, as: UTF8.self)
    let lines = text.split(separator: "\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    let words = lines[0].split(separator: " ", maxSplits: 2)
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]), lines.count == 2 else {
      throw Failure(words: "what answers is no HTTP server: \(text.prefix(60))")
    }
    guard status == 200 else { throw Failure(words: "the answer is \(lines[0].prefix(100))") }
    // A header may be missing altogether.
    if lines[1].hasPrefix("\r\n") { return String(lines[1].dropFirst()) }
    guard let end = lines[1].firstRange(of: "\r\n\r\n") else {
      throw Failure(words: "the answer ends in its header")
    }
    return String(lines[1][end.upperBound...])
  }
}
