import Kernel
import Testing

@testable import CLI

/// `cairn config`, which needs no engine.
@Suite struct ConfigTests {
  private static let base = """
    name: shop
    services:
      web:
        image: nginx:${TAG:-1.27}
        labels: {a: base}
        depends_on: [db]
        networks: [front]
      db: {image: "postgres${VERSION?which}", volumes: ["data:/data"], profiles: [full]}
      late: {build: ., profiles: [never]}
    networks: {front: , back: }
    volumes: {data: }
    """
  private static let override = """
    services:
      web:
        labels: {a: override}
    """

  /// Runs `config` with two files in a directory of their own.
  private func config(_ words: [String], environment: [String: String] = ["VERSION": ":17"]) throws -> Outcome
  {
    let directory = "/tmp/cairn-config-\(UInt32.random(in: 0...UInt32.max))"
    try Files.makeDirectory(directory)
    defer { try? Files.removeTree(directory) }
    try Files.replace(directory + "/a.yaml", with: Self.base.utf8)
    try Files.replace(directory + "/b.yaml", with: Self.override.utf8)
    let options = ["-f", directory + "/a.yaml", "-f", directory + "/b.yaml", "--profile", "full", "config"]
    var outcome = cairn(options + words, environment: environment)
    outcome.output = outcome.output.replacing(directory + "/", with: "")
    outcome.error = outcome.error.replacing(directory + "/", with: "")
    return outcome
  }

  @Test(arguments: [
    (["--services"], "db\nweb\n"), (["--images"], "nginx:1.27\npostgres:17\n"), (["--volumes"], "data\n"),
    (["--networks"], "default\nfront\n"), (["--profiles"], "full\nnever\n"), (["--models"], ""), (["-q"], ""),
    (["--services", "db"], "db\n"), (["--services", "web"], "db\nweb\n"), (["--volumes", "web"], "data\n"),
    (["--environment"], "COMPOSE_PROJECT_NAME=shop\nVERSION=:17\n"),
    (
      ["--variables"],
      "NAME      REQUIRED   DEFAULT VALUE   ALTERNATE VALUE\nTAG       false      1.27\nVERSION   true\n"
    ),
    (
      ["--explain", "services.web.labels"],
      "services.web.labels.a: override\n  from b.yaml:3:17\n  replaces base of a.yaml:5:17\n"
    ),
    (
      ["--explain", "services.web.image"],
      "services.web.image: nginx:1.27\n  from a.yaml:4:12\n  written as nginx:${TAG:-1.27}\n  with TAG not set\n"
    ),
    (
      ["--explain", "services.db.volumes[0].source"],
      "services.db.volumes[0].source: data\n  from a.yaml:8:53\n"
    ),
  ])
  func `config shows one thing`(words: [String], output: String) throws {
    #expect(try config(words) == Outcome(status: 0, output: output, error: ""))
  }

  @Test func `a path that leads nowhere says what there is`() throws {
    let outcome = try config(["--explain", "services.web.label"])
    #expect(
      outcome.error
        == "error: nothing is at 'services.web.label'; at services.web there is depends_on, image, labels, networks\n"
    )
    #expect(outcome.status == 1)
  }

  @Test func `the digest of a service changes with what its containers are made from, and only with that`()
    throws
  {
    func digest(_ service: String, _ text: String) throws -> String {
      let file = "/tmp/cairn-hash-\(UInt32.random(in: 0...UInt32.max)).yaml"
      try Files.replace(file, with: text.utf8)
      defer { try? Files.remove(file) }
      let line = cairn(["-f", file, "-p", "p", "config", "--hash", service]).output
      #expect(line.hasPrefix(service + " ") && line.count == service.count + 66)
      return line
    }
    let plain = try digest("a", "services: {a: {image: x}, b: {image: y}}")
    #expect(try digest("a", "services: {a: {image: x, command: y}, b: {image: y}}") != plain)
    let same = "services: {a: {image: x, scale: 3, depends_on: [b], deploy: {replicas: 3}}, b: {image: z}}"
    #expect(try digest("a", same) == plain)
    #expect(try config(["--hash", "*"]).output.split(separator: "\n").count == 2)
    #expect(try config(["--hash", "none"]).error == "error: no such service: none; there are db, web\n")
  }

  @Test func `variables stay as they are written on request, and what is inactive or unused is shown`() throws
  {
    let text = try config(["--no-interpolate"], environment: [:]).output
    #expect(text.contains("image: \"nginx:${TAG:-1.27}\"") || text.contains("image: nginx:${TAG:-1.27}"))
    #expect(text.contains("  late:\n") && text.contains("  back:\n"))
  }

  @Test func `the output goes to a file`() throws {
    let file = "/tmp/cairn-output-\(UInt32.random(in: 0...UInt32.max)).yaml"
    defer { try? Files.remove(file) }
    #expect(try config(["-o", file]) == Outcome(status: 0, output: "", error: ""))
    #expect(try Files.readText(file).hasPrefix("name: shop\n"))
    #expect(
      try config(["-o", "/nowhere/x"]).error.hasPrefix("error: write the configuration to /nowhere/x: "))
  }

  @Test func `with --format json what is wrong is told as JSON`() throws {
    let outcome = try config(["--format", "json"], environment: [:])
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(
      outcome.error.hasPrefix(
        "[\n  {\n    \"severity\": \"error\",\n    \"file\": \"a.yaml\",\n    \"line\": 8,"))
  }

  @Test func `the schema and the table of attributes need no file`() {
    let schema = cairn(["config", "--schema"])
    #expect(schema.status == 0)
    #expect(schema.output.contains("\"#/definitions/service\""))
    #expect(cairn(["config", "--attributes"]).output.contains("| services.NAME | "))
  }
}
