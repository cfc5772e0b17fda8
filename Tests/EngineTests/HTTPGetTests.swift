import Testing

@testable import Engine

@Suite struct HTTPGetTests {
  @Test(arguments: [
    ("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n35\n", "35\n"),
    ("HTTP/1.1 200\r\n\r\na\r\n\r\nb", "a\r\n\r\nb"),
    ("HTTP/1.0 200 OK\r\nA: b\r\n\r\n", ""),
  ])
  func `the body of an answer is what follows its header`(_ answer: String, _ body: String) throws {
    #expect(try HTTPGet.body(of: Array(answer.utf8)) == body)
  }

  @Test(arguments: [
    ("HTTP/1.0 404 Not Found\r\n\r\nno", "the answer is HTTP/1.0 404 Not Found"),
    ("SSH-2.0-OpenSSH\r\n", "what answers is no HTTP server: SSH-2.0-OpenSSH\r\n"),
    ("", "what answers is no HTTP server: "), ("HTTP/1.0 200 OK\r\nA: b", "the answer ends in its header"),
  ])
  func `what is no answer says why`(_ answer: String, _ words: String) {
    #expect(throws: HTTPGet.Failure(words: words)) { try HTTPGet.body(of: Array(answer.utf8)) }
  }
}
