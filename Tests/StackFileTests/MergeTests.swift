import StackFile
import Stacks
import Testing

/// How several files, services and projects become one.
@Suite struct MergeTests {
  /// The document of two files, of which the second overrides; nil where something is wrong.
  func merged(_ first: String, _ second: String) -> (yaml: String?, lines: [String]) {
    let result = StackLoader.load(
      LoadRequest(
        files: ["a.yaml", "b.yaml"], workingDirectory: "/project", checksConsistency: false,
        bindsStack: false, access: .memory(["/project/a.yaml": first, "/project/b.yaml": second])))
    return (result.document.map(StackRenderer.yaml), result.lines)
  }

  /// The lines of the service `web` of two files, without those that are always there.
  func web(_ first: String, _ second: String, sourceLocation: SourceLocation = #_sourceLocation) -> String {
    let (yaml, lines) = merged(
      "services: {web: {network_mode: none, \(first)}}", "services: {web: {\(second)}}")
    #expect(lines.filter { $0.contains("error") } == [], sourceLocation: sourceLocation)
    let body = (yaml ?? "").split(separator: "\n").drop { $0 != "  web:" }.dropFirst()
    return body.filter { $0 != "    network_mode: none" }.map { $0.dropFirst(4) + "\n" }.joined()
  }

  @Test(arguments: [
    ("image: a", "image: b", "image: b\n"),
    ("command: [a, b]", "command: c", "command:\n  - c\n"),
    ("entrypoint: [a, b]", "entrypoint: [c]", "entrypoint:\n  - c\n"),
    ("command: [a]", "command: []", "command: []\n"),
    (
      "healthcheck: {test: [CMD, a], retries: 2}", "healthcheck: {test: b}",
      "healthcheck:\n  retries: 2\n  test:\n    - CMD-SHELL\n    - b\n"
    ),
    ("labels: {a: '1', b: '1'}", "labels: [b=2, c]", "labels:\n  a: \"1\"\n  b: \"2\"\n  c: \"\"\n"),
    (
      "environment: [A=1, B=1]", "environment: {B: , C: 3}",
      "environment:\n  A: \"1\"\n  B: null\n  C: \"3\"\n"
    ),
    ("privileged: true, cpus: 2", "privileged: false, cpus: 0", ""),
    ("cap_add: [A, B]", "cap_add: [B, C]", "cap_add:\n  - A\n  - B\n  - C\n"),
    ("dns: 1.1.1.1", "dns: [2.2.2.2, 1.1.1.1]", "dns:\n  - 1.1.1.1\n  - 2.2.2.2\n"),
    ("expose: [1, 2]", "expose: ['2', 3]", "expose:\n  - \"1\"\n  - \"2\"\n  - \"3\"\n"),
    ("tmpfs: /a", "tmpfs: [/b]", "tmpfs:\n  - /a\n  - /b\n"),
    (
      "extra_hosts: ['b:1.1.1.1']", "extra_hosts: {a: ['::1', '::2'], b: 1.1.1.1}",
      "extra_hosts:\n  - a=::1\n  - a=::2\n  - b=1.1.1.1\n"
    ),
    (
      "ulimits: {nofile: 5}", "ulimits: {nofile: {soft: 1, hard: 2}}",
      "ulimits:\n  nofile:\n    hard: 2\n    soft: 1\n"
    ),
    (
      "logging: {driver: a, options: {x: '1'}}", "logging: {options: {y: '2'}}",
      "logging:\n  driver: a\n  options:\n    x: \"1\"\n    \"y\": \"2\"\n"
    ),
    ("logging: {driver: a, options: {x: '1'}}", "logging: {driver: b}", "logging:\n  driver: b\n"),
    (
      "depends_on: [a, b]", "depends_on: {b: {condition: service_healthy}}",
      "depends_on:\n  a:\n    condition: service_started\n    required: true\n  b:\n    condition: service_healthy\n    required: true\n"
    ),
    (
      "build: .", "build: {args: [A=1]}",
      "build:\n  args:\n    A: \"1\"\n  context: /project\n  dockerfile: Dockerfile\n"
    ),
    (
      "devices: ['/dev/a:/dev/x']", "devices: ['/dev/b:/dev/x:r']",
      "devices:\n  - permissions: r\n    source: /dev/b\n    target: /dev/x\n"
    ),
    (
      "secrets: [a]", "secrets: [{source: b, target: /run/secrets/a}]",
      "secrets:\n  - source: b\n    target: /run/secrets/a\n"
    ),
    (
      "volumes: ['./a:/x', '/y']", "volumes: ['data:/x:ro']",
      "volumes:\n  - read_only: true\n    source: data\n    target: /x\n    type: volume\n    volume: {}\n  - target: /y\n    type: volume\n    volume: {}\n"
    ),
    (
      "ports: ['80:80']", "ports: [{target: 80, published: 80, mode: host}]",
      "ports:\n  - mode: host\n    protocol: tcp\n    published: \"80\"\n    target: 80\n"
    ),
    ("x-a: {b: [1], c: 1}", "x-a: {b: [2]}", "x-a:\n  b:\n    - 1\n    - 2\n  c: 1\n"),
    ("image: a", "image: null", "image: a\n"),
    ("labels: {a: '1'}", "labels: null", "labels:\n  a: \"1\"\n"),
  ])
  func `a service of two files`(first: String, second: String, expected: String) {
    #expect(web(first, second) == expected)
  }

  @Test(arguments: [
    ("ports: ['80']", "ports: !reset []", ""), ("image: a, user: b", "user: !reset null", "image: a\n"),
    ("labels: {a: '1', b: '2'}", "labels: {a: !reset null}", "labels:\n  b: \"2\"\n"),
    ("labels: {a: '1', b: '2'}", "labels: !override {c: '3'}", "labels:\n  c: \"3\"\n"),
    ("cap_add: [A]", "cap_add: !override [B]", "cap_add:\n  - B\n"),
    ("healthcheck: {test: a}", "healthcheck: !override {retries: 3}", "healthcheck:\n  retries: 3\n"),
  ])
  func `the tags reset and override`(first: String, second: String, expected: String) {
    #expect(web(first, second) == expected)
  }

  @Test func `a reset removes a whole service or section`() {
    let first = "services: {a: {image: x}, b: {image: x}}\nvolumes: {v: }\n"
    let (yaml, lines) = merged(first, "services: {a: !reset null}\nvolumes: !reset {}\n")
    #expect(lines == [])
    #expect(yaml?.contains("  a:\n") == false)
    #expect(yaml?.contains("  b:\n") == true)
  }

  @Test func `the documents of one file are merged like files`() {
    let result = Fixtures.load("services: {web: {image: x}}\n---\nservices: {web: {user: me}}\n")
    #expect(result.template?.user == "me")
    #expect(result.lines == [])
  }

  @Test func `subnets of two files stand side by side, and one subnet is one entry`() {
    let (yaml, lines) = merged(
      "services: {web: {networks: [n]}}\nnetworks: {n: {ipam: {config: [{subnet: 10.0.0.0/24, gateway: 10.0.0.1}]}}}",
      "networks: {n: {ipam: {config: [{subnet: 10.0.0.0/24, gateway: 10.0.0.2}, {subnet: 10.1.0.0/24}]}}}")
    #expect(lines == [])
    #expect(
      yaml?.contains("- gateway: 10.0.0.2\n          subnet: 10.0.0.0/24\n        - subnet: 10.1.0.0/24")
        == true)
  }

  @Test func `a fault is shown in the file that has it`() {
    let (_, lines) = merged(
      "services: {web: {image: x}}", "services:\n  web:\n    prots: []\n    tty: maybe\n")
    #expect(
      lines == [
        "b.yaml:3:5: error: unknown key 'prots'; did you mean 'ports'?",
        "b.yaml:4:10: error: 'tty' must be true or false, not the string 'maybe'",
      ])
  }
}
