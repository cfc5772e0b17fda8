import Stacks
import Testing

@testable import StackFile

/// The value rules, measured on Docker Compose v5.6.1 where not said otherwise.
@Suite struct TablesTests {
  @Test(arguments: [
    ("yes", "yes"), ("no", "no"), ("on", "on"), ("Y", "Y"), ("true", "true"), ("TRUE", "true"),
    ("tRue", "tRue"), ("0123", "83"), ("0o17", "15"), ("0b11", "3"), ("0x1F", "31"), ("1_000", "1000"),
    ("1e3", "1000"), ("1.0", "1"), (".5", "0.5"), ("10:20", "10:20"), ("22:22", "22:22"),
    ("2024-01-01", "2024-01-01 00:00:00 +0000 UTC"), ("2024-1-1", "2024-01-01 00:00:00 +0000 UTC"),
    ("2024-13-01", "2024-13-01"), ("2024-02-30", "2024-02-30"),
    ("2024-01-01T10:00:00Z", "2024-01-01 10:00:00 +0000 UTC"),
    ("2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.1 -0500 -0500"),
    ("2024-01-01 10:00:00", "2024-01-01 10:00:00 +0000 UTC"), ("+5", "5"), ("-0x1f", "-31"), ("0o8", "0o8"),
    ("08", "8"), ("1.", "1"), (".", "."), ("-", "-"), ("9223372036854775807", "9223372036854775807"),
    ("18446744073709551615", "18446744073709551615"), ("18446744073709551616", "1.8446744073709552e+19"),
    ("1e21", "1e+21"), ("1e6", "1e+06"), ("1234567.5", "1.2345675e+06"), ("999999.5", "999999.5"),
    ("0.0001", "0.0001"), ("0.00001", "1e-05"), ("1.5e-7", "1.5e-07"), ("1,000", "1,000"), ("_1", "_1"),
    ("1:2:3", "1:2:3"), ("0x", "0x"), ("1.10", "1.1"), ("e1", "e1"), ("+.5", "0.5"), ("--1", "--1"),
  ])
  func `an unquoted value in environment becomes this text`(written: String, text: String) {
    #expect(PlainScalars.resolve(written).asText == text)
  }

  @Test(arguments: ["", "~", "null", "Null", "NULL"])
  func `these are null`(written: String) { #expect(PlainScalars.resolve(written) == .null) }

  @Test(arguments: [
    ("10s", "10s"), ("1m30s", "1m30s"), ("1.5s", "1.5s"), ("1d2h", "26h0m0s"), ("1w", "168h0m0s"),
    ("0", "0s"),
    ("100us", "100µs"), ("500ms", "500ms"), ("1h", "1h0m0s"), (".5s", "500ms"), ("1ns", "1ns"),
    ("-5s", "-5s"),
  ])
  func `a length of time`(written: String, canonical: String) {
    #expect(Durations.parse(written)?.description == canonical)
  }

  @Test(arguments: ["", "10", "s", "1y", "1m 30s", " 1s", "1.2.3s", ".s", "1e3s", "300000000000h", "-"])
  func `no length of time`(written: String) { #expect(Durations.parse(written) == nil) }

  @Test(
    arguments: [
      ("1048576", 1_048_576), ("512m", 536_870_912), ("1.5g", 1_610_612_736), ("10.5k", 10752),
      ("5 m", 5_242_880),
      ("1KiB", 1024), ("1kb", 1024), ("2GB", 2_147_483_648), ("1t", 1_099_511_627_776), ("7b", 7), ("0", 0),
    ] as [(String, UInt64)])
  func `an amount of memory`(written: String, bytes: UInt64) { #expect(ByteSize.parse(written) == bytes) }

  @Test(arguments: ["", "m", "1x", "-1", "1.5", ".5m", "5.m", "1  m", "1mm", "99999999p", "١m"])
  func `no amount of memory`(written: String) { #expect(ByteSize.parse(written) == nil) }

  @Test(arguments: [
    ("80", ["-:-:80/tcp"]), ("80:8080", ["-:80:8080/tcp"]), ("53:53/udp", ["-:53:53/udp"]),
    ("80:80/TCP", ["-:80:80/tcp"]), ("127.0.0.1:80:81", ["127.0.0.1:80:81/tcp"]),
    ("127.0.0.1::81", ["127.0.0.1:-:81/tcp"]), ("[::1]:80:80", ["::1:80:80/tcp"]),
    ("9090-9091:8080-8081", ["-:9090:8080/tcp", "-:9091:8081/tcp"]),
    ("3000-3002", ["-:-:3000/tcp", "-:-:3001/tcp", "-:-:3002/tcp"]), ("80-82:80", ["-:80-82:80/tcp"]),
    (":80", ["-:-:80/tcp"]), ("0:80", ["-:0:80/tcp"]), ("080:080", ["-:80:80/tcp"]),
  ])
  func `a port in short form`(written: String, ports: [String]) throws {
    let parsed = try PortText.parse(written).map {
      "\($0.hostAddress ?? "-"):\($0.published ?? "-"):\($0.target)/\($0.transport)"
    }
    #expect(parsed == ports)
  }

  @Test(arguments: [
    "", ":", "80:", "a:80", "80:70000", "80:0", "-1:80", "80-82:80-81", "82-80:82-80", "127.0.0.1:80",
    "80/icmp", "1.2.3:80:80", "80:80:80:80", "80 ", "8.0",
  ])
  func `no port`(written: String) { #expect(throws: PortText.Fault.self) { try PortText.parse(written) } }

  @Test(arguments: [
    ("echo \"a b\" 'c d' $HOME", ["echo", "a b", "c d", "$HOME"]), ("a\\ b", ["a b"]), ("'a'\"b\"c", ["abc"]),
    ("a # b", ["a", "#", "b"]), ("a `b c` $(d e)", ["a", "`b c`", "$(d e)"]), ("", []), ("  ", []),
    ("a \"\" b", ["a", "", "b"]), ("a\nb", ["a", "b"]), ("'a\\b'", ["a\\b"]), ("\"a\\\"b\"", ["a\"b"]),
    ("{a,b} * ?", ["{a,b}", "*", "?"]),
  ])
  func `a command line is split like this`(line: String, words: [String]) throws {
    #expect(try ShellWords.split(line) == words)
  }

  @Test(arguments: ["a && b", "a | b", "a; b", "a > b", "a <b", "(a)", "'a", "\"a", "a\\", "`a", "$(a"])
  func `a command line that needs a shell or is not closed`(line: String) {
    #expect(throws: ShellWords.Fault.self) { try ShellWords.split(line) }
  }

  @Test(arguments: [
    ("imge", "image"), ("enviroment", "environment"), ("Image", "image"), ("prots", "ports"),
    ("depend_on", "depends_on"), ("volume", "volumes"), ("helthcheck", "healthcheck"),
  ])
  func `the nearest known key`(written: String, known: String) {
    #expect(nearest(to: written, among: Forms.service.rows.keys) == known)
  }

  @Test(arguments: ["frobnicate", "", "x", "zzzzz", "apiVersion"])
  func `nothing is near`(written: String) {
    #expect(nearest(to: written, among: Forms.service.rows.keys) == nil)
  }

  @Test(arguments: [
    ("My Project", "myproject"), ("_a-b_", "a-b_"), ("Ünder", "nder"), ("--", ""), ("a.b", "ab"),
    ("9lives", "9lives"),
  ])
  func `a directory's name becomes a project's name`(directory: String, name: String) {
    #expect(ProjectName.normalized(directory) == name)
  }

  @Test(arguments: [
    ("/a/../b//c/.", "/b/c"), ("../a", "../a"), ("a/../../b", "../b"), ("/..", "/"), ("", "."), ("/", "/"),
  ])
  func `a path is cleaned`(path: String, clean: String) { #expect(Paths.clean(path) == clean) }
}
