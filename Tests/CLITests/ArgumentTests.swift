import ArgumentParser
import EngineInterface
import Testing

@testable import CLI

@Suite struct ArgumentTests {
  @Test(arguments: [
    (["up", "-d"], 0), (["-f", "x.yaml", "-p", "y", "up"], 4), (["--file=x.yaml", "up"], 1),
    (["-fx.yaml", "up"], 1), (["--ansi", "never", "logs", "-f"], 2), (["-f", "-", "config"], 2),
    (["--help"], 0),
    (["-f"], 1), ([], 0),
  ])
  func `global options are what stands before the command`(_ words: [String], _ count: Int) {
    let (before, rest) = GlobalArguments.split(words)
    #expect(before.count == count && before + rest == words)
  }

  @Test func `options after the command win and lists are joined`() throws {
    let before = try GlobalArguments.parse(["-f", "a", "-p", "one", "--profile", "x", "-H", "/a"])
    let up = try #require(
      try Cairn.parseAsRoot(["up", "-p", "two", "-f", "b", "--profile", "y", "--ansi", "always"]) as? Up)
    let settings = try Settings(
      before: before, after: up.common, files: up.files,
      environment: ["CAIRN_HOST": "/b", "COMPOSE_ANSI": "never"])
    #expect(settings.files == ["a", "b"])
    #expect(settings.projectName == "two" && settings.profiles == ["x", "y"])
    #expect(settings.host == "/a" && settings.ansi == .always)
  }

  @Test(arguments: [
    ["-f", "a", "ps", "-a"], ["-f", "a", "-p", "one", "up", "-f", "b", "-p", "two"],
    ["--file=a", "--profile", "x", "down", "--profile", "y"], ["-H", "/a", "logs", "-f", "web"],
    ["--env-file", "e", "exec", "-T", "web", "sh", "-c", "-f"], ["ps"],
  ])
  func `options before the command mean the same when they are parsed with it`(_ words: [String]) throws {
    let (before, rest) = GlobalArguments.split(words)
    let together = try #require(CommandLineRun.parseTogether(before, rest))
    let apart = try #require(try Cairn.parseAsRoot(rest) as? any SessionCommand)
    let one = try Settings(before: nil, after: together.common, files: together.files, environment: [:])
    let two = try Settings(
      before: try GlobalArguments.parse(before), after: apart.common, files: apart.files, environment: [:])
    #expect("\(one)" == "\(two)")
  }

  @Test(arguments: [
    ["-fx.yaml", "up"], ["-f", "x", "ps", "--what"], ["-f", "x"],
  ])
  func `what is not understood at once is looked at closer`(_ words: [String]) {
    let (before, rest) = GlobalArguments.split(words)
    #expect(CommandLineRun.parseTogether(before, rest) == nil)
  }

  @Test func `the environment counts where nothing is given`() throws {
    let none = try GlobalArguments.parse([])
    let settings = try Settings(
      before: none, after: none.common, files: [],
      environment: ["CAIRN_HOST": "/b", "COMPOSE_ANSI": "never", "COMPOSE_PROGRESS": "plain"])
    #expect(settings.host == "/b" && settings.ansi == .never && settings.progress == .plain)
    #expect(throws: CLIError("use the variable COMPOSE_ANSI=x: it must be one of never, always, auto")) {
      try Settings(before: none, after: none.common, files: [], environment: ["COMPOSE_ANSI": "x"])
    }
    let blue = cairn(["--ansi", "blue", "ps"])
    #expect(blue.status == 1)
    #expect(blue.error == "error: use --ansi blue: it must be one of never, always, auto\n")
  }

  @Test func `up has Docker Compose's options`() throws {
    let up = try #require(
      try Cairn.parseAsRoot([
        "up", "-d", "--scale", "web=3", "--scale", "db=0", "--wait", "--wait-timeout", "9",
        "--force-recreate", "-V",
        "--remove-orphans", "web", "db",
      ]) as? Up)
    #expect(up.detach && up.wait && up.waitTimeout == 9 && up.forceRecreate && up.removeOrphans)
    #expect(up.renewAnonVolumes)
    #expect(ScaleArgument.counts(up.scale) == ["web": 3, "db": 0])
    #expect(up.service == ["web", "db"])
  }

  @Test func `the letter f of logs is follow`() throws {
    let logs = try #require(
      try Cairn.parseAsRoot(["logs", "-f", "-n", "5", "-t", "--file", "x", "web"]) as? Logs)
    #expect(
      logs.follow && logs.tail == "5" && logs.timestamps && logs.files == ["x"] && logs.service == ["web"])
  }

  @Test func `all behind the service of exec is the command's`() throws {
    let exec = try #require(
      try Cairn.parseAsRoot([
        "exec", "-it", "-e", "A=b", "-u", "1", "--index", "2", "web", "ls", "-la", "--help",
      ])
        as? Exec)
    #expect(exec.interactive && exec.tty && exec.env == ["A=b"] && exec.user == "1" && exec.index == 2)
    #expect(exec.words == ["web", "ls", "-la", "--help"])
  }

  @Test(arguments: ["web", "web=", "web=x", "web=-1", "=2"])
  func `what is no number of replicas is refused`(_ text: String) {
    #expect(ScaleArgument(argument: text) == nil)
  }

  @Test(arguments: [
    (["nonsense"], "error: unknown command 'nonsense'; there are up, down, ps,"),
    (["ps", "--nope"], "Unknown option"),
    (["exec", "web"], "exec takes a service and a command"), (["-H"], "Missing value for '-H <host>'"),
    (["scale"], "Missing expected argument"), (["logs", "--tail", "x"], "not 'x'"),
  ])
  func `a wrong command line ends with 1 and says why`(_ words: [String], _ why: String) {
    let outcome = cairn(words)
    #expect(outcome.status == 1 && outcome.output.isEmpty)
    #expect(outcome.error.contains(why), "\(outcome.error)")
  }

  @Test(arguments: [
    (["--help"], "USAGE: cairn [OPTIONS] COMMAND\n"), ([], "USAGE: cairn [OPTIONS] COMMAND\n"),
    (["up", "--help"], "USAGE: cairn up [<options>]"), (["up", "-h"], "USAGE: cairn up [<options>]"),
    (["-f", "x", "up", "--help"], "USAGE: cairn up [<options>]"),
    (["exec", "--help"], "USAGE: cairn exec [OPTIONS] SERVICE COMMAND [ARGS...]\n"),
    (["image"], "USAGE: cairn image <subcommand>\n"), (["image", "rm", "--help"], "USAGE: cairn image rm "),
    (["engine", "--help"], "USAGE: cairn engine <subcommand>\n"), (["help", "logs"], "USAGE: cairn logs "),
    (["help"], "USAGE: cairn [OPTIONS] COMMAND\n"),
  ])
  func `help is no error and tells of what it was asked for`(_ words: [String], _ usage: String) {
    let outcome = cairn(words)
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.output.contains(usage), "\(outcome.output)")
  }

  @Test func `the version is shown in three forms`() {
    #expect(cairn(["version"]).output == "Cairn version \(cairnVersion)\n")
    #expect(cairn(["version", "--short"]).output == "\(cairnVersion)\n")
    #expect(cairn(["version", "--format", "json"]).output == "{\"version\":\"\(cairnVersion)\"}\n")
  }

  @Test(arguments: [("unix:///run/x", "/run/x"), ("/run/x", "/run/x")])
  func `a host is a path with or without its scheme`(_ host: String, _ path: String) throws {
    #expect(try Autostart.path(of: host) == path)
  }

  @Test(arguments: ["tcp://a:1", "x", ""])
  func `a host that is no Unix socket is refused`(_ host: String) {
    #expect(throws: CLIError.self) { try Autostart.path(of: host) }
  }
}
