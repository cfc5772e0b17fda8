import DockerAPI
import EngineInterface
import Stacks
import Testing
import Wire

@Suite struct WireTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000000000Z"), (951_782_400, "2000-02-29T00:00:00.000000000Z"),
    (1_700_000_000, "2023-11-14T22:13:20.000000000Z"), (-1, "1969-12-31T23:59:59.000000000Z"),
    (4_102_444_799, "2099-12-31T23:59:59.000000000Z"),
  ])
  func `times are written and read`(_ seconds: Int64, _ text: String) {
    #expect(Moment(seconds: seconds).rfc3339 == text)
    #expect(Moment(rfc3339: text) == Moment(seconds: seconds))
  }

  @Test func `every day from 1696 to 2260 is written as what it is read from`() {
    for day in Int64(-100_000)..<106_000 {
      let moment = Moment(seconds: day * 86400)
      if Moment(rfc3339: moment.rfc3339) != moment { Issue.record("\(moment.rfc3339)") }
    }
  }

  @Test(arguments: [
    ("2023-11-14", 1_699_920_000_000_000_000), ("2023-11-14T22:13", 1_699_999_980_000_000_000),
    ("2023-11-14T23:13:20.5+01:00", 1_700_000_000_500_000_000),
  ])
  func `shorter forms and offsets are read`(_ text: String, _ nanoseconds: Int64) {
    #expect(Moment(rfc3339: text)?.nanoseconds == nanoseconds)
  }

  @Test(arguments: ["", "x", "2023-13-01", "2023-11-14T", "2023-11-14T25:00", "2023-11-14T22:13:20Zx"])
  func `what is no time is none`(_ text: String) { #expect(Moment(rfc3339: text) == nil) }

  @Test func `progress is written and read as the coder does it`() throws {
    let names = [
      "shop-web-1", "", "a b", "quote\"d", "back\\slash", "ümlaut", "line\nfeed", "del\u{7F}", "a/b",
    ]
    let verbs: [Progress.Task.Verb] = [.create, .start, .stop, .remove, .update]
    var all: [Progress] = [
      .waiting(container: "c", reason: "r"), .warning("\"began\""), .finished(.init(isConverged: true)),
    ]
    for name in names {
      for verb in verbs {
        for kind in [Progress.Task.Kind.container, .network, .volume] {
          let task = Progress.Task(verb: verb, kind: kind, name: name)
          all += [.began(task), .failed(task, message: "m")]
          all += [0, 0.1, 12.5, 1e-9, 1e21].map { .ended(task, seconds: $0) }
        }
      }
    }
    for progress in all {
      let line = try ProgressLine.encode(progress)
      #expect(line.last == UInt8(ascii: "\n") && line.dropLast().allSatisfy { $0 != UInt8(ascii: "\n") })
      #expect(try WireCoding.decode(Progress.self, from: line) == progress)
      #expect(try ProgressLine.decode(line) == progress)
      #expect(try ProgressLine.decode(WireCoding.encode(progress)) == progress)
    }
    for line in [
      #"{"began":{"_0":{"kind":"x","name":"n","verb":"stop"}}}"#, #"{"began":1}"#, "", #"""""""""""""""""#,
    ] {
      #expect(throws: APIError.self) { try ProgressLine.decode(Array(line.utf8)) }
    }
  }

  @Test func `a chunked body is the same however it is cut`() throws {
    let text = Array("5\r\nhello\r\n1;a=\"b\"\r\n \r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n".utf8)
    for cut in 1..<text.count {
      var reader = BodyReader(.chunked)
      var queue = ByteQueue()
      var all: [UInt8] = []
      for start in stride(from: 0, to: text.count, by: cut) {
        queue.append(text[start..<min(start + cut, text.count)])
        while let piece = try reader.next(from: &queue, atEnd: false), case .bytes(let bytes) = piece {
          all += bytes
        }
      }
      #expect(String(decoding: all, as: UTF8.self) == "hello 0123456789", "cut \(cut)")
      #expect(reader.isDone)
    }
  }

  @Test(arguments: ["x\r\n", "-1\r\n", "5\r\nhelloo\r\n", "ffffffffffffffffff\r\n", "\r\n", "+5\r\n"])
  func `what is no chunk is refused`(_ text: String) {
    var reader = BodyReader(.chunked)
    var queue = ByteQueue(Array(text.utf8))
    #expect(throws: APIError.self) {
      while try reader.next(from: &queue, atEnd: false) != nil {}
    }
  }

  @Test func `frames are the same however they are cut`() throws {
    let bytes = StreamFrame.encode(.stdout, Array("ab".utf8)) + StreamFrame.encode(.stderr, Array("cde".utf8))
    for cut in 1..<bytes.count {
      var decoder = StreamFrame.Decoder()
      var text: [OutputStream: String] = [:]
      for start in stride(from: 0, to: bytes.count, by: cut) {
        for chunk in try decoder.feed(Array(bytes[start..<min(start + cut, bytes.count)])) {
          text[chunk.stream, default: ""] += String(decoding: chunk.bytes, as: UTF8.self)
        }
      }
      #expect(text == [.stdout: "ab", .stderr: "cde"], "cut \(cut)")
      #expect(decoder.exitStatus == nil)
    }
  }

  @Test(arguments: [0, 1, 127, 255, 65536, -1, Int32.max, Int32.min])
  func `the last frame says how the process ended, however it is cut`(_ status: Int32) throws {
    let bytes = StreamFrame.encode(.stdout, Array("ab".utf8)) + StreamFrame.encode(exitStatus: status)
    for cut in 1...bytes.count {
      var decoder = StreamFrame.Decoder()
      var text: [UInt8] = []
      for start in stride(from: 0, to: bytes.count, by: cut) {
        #expect(decoder.exitStatus == nil)
        text += try decoder.feed(Array(bytes[start..<min(start + cut, bytes.count)])).flatMap(\.bytes)
      }
      #expect(text == Array("ab".utf8) && decoder.exitStatus == status, "cut \(cut)")
    }
  }

  @Test(
    arguments: [[5, 0, 0, 0, 0, 0, 0, 0], [4, 0, 0, 0, 0, 0, 0, 5], [1, 0, 1, 0, 0, 0, 0, 0]] as [[UInt8]])
  func `what begins like no frame is refused`(_ bytes: [UInt8]) {
    var decoder = StreamFrame.Decoder()
    #expect(throws: APIError.self) { try decoder.feed(bytes) }
  }

  @Test func `a query is decoded, and truth is Docker's`() {
    let query = Query("a=1&b=x%20y+z&a=2&c&d=False&e=%zz")
    #expect(query.all("a") == ["1", "2"])
    #expect(query["b"] == "x y z")
    #expect(query["e"] == "%zz")
    #expect(query.flag("a") && !query.flag("c") && !query.flag("d") && !query.flag("none"))
    #expect(percentDecoded(percentEncoded("a b/ü:1%")) == "a b/ü:1%")
  }
}
