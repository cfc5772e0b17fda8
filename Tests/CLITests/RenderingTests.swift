import EngineInterface
import Stacks
import Testing
import Wire

@testable import CLI
@testable import DockerAPI

@Suite struct RenderingTests {
  private static func container(_ name: String, _ service: String, _ number: Int, _ status: String)
    throws -> ListedContainer
  {
    let whole = DockerContainer(
      id: String(repeating: "a", count: 64), names: ["/" + name], image: "busybox:latest", imageID: "",
      command: "httpd -f -h /www/and/so/on", created: 1000,
      ports: [DockerPort(ip: "0.0.0.0", privatePort: 80, publicPort: 8080, type: "tcp")],
      labels: [
        "com.docker.compose.service": service, "com.docker.compose.container-number": "\(number)",
      ], state: "running", status: status, hostConfig: .init(networkMode: "x"),
      networkSettings: .init(networks: [:]), mounts: [])
    return try WireCoding.dockerDecode(ListedContainer.self, from: try WireCoding.dockerEncode(whole))
  }

  @Test func `ps is a table`() throws {
    let containers = [
      try Self.container("shop-web-1", "web", 1, "Up 3 minutes (healthy)"),
      try Self.container("shop-web-10", "web", 10, "Exited (3) 2 seconds ago"),
    ]
    #expect(
      Ps.table(containers, now: Moment(seconds: 1190), shortens: true) == """
        NAME          IMAGE            COMMAND                  SERVICE   CREATED         STATUS                     PORTS
        shop-web-1    busybox:latest   "httpd -f -h /www/an…"   web       3 minutes ago   Up 3 minutes (healthy)     0.0.0.0:8080->80/tcp
        shop-web-10   busybox:latest   "httpd -f -h /www/an…"   web       3 minutes ago   Exited (3) 2 seconds ago   0.0.0.0:8080->80/tcp

        """)
    #expect(containers[0].health == "healthy" && containers[0].exitCode == 0)
    #expect(containers[1].health.isEmpty && containers[1].exitCode == 3)
    #expect(containers[1].logName == "web-10")
  }

  @Test func `replicas are sorted by number and not by name`() throws {
    let containers = try [10, 2, 1].map { try Self.container("shop-web-\($0)", "web", $0, "Up") }
    #expect(containers.sorted().map(\.number) == [1, 2, 10])
  }

  @Test func `ls is a table`() {
    #expect(
      Ls.table([
        StackSummary(name: "shop", running: 2, desired: 3, files: ["/a/compose.yaml"]),
        StackSummary(name: "b", running: 1, desired: 1, files: ["/b/x.yaml", "/b/y.yaml"]),
        StackSummary(name: "c", running: 0, desired: 0, files: []),
      ]) == """
        NAME   STATUS         CONFIG FILES
        shop   running(2/3)   /a/compose.yaml
        b      running(1)     /b/x.yaml,/b/y.yaml
        c      stopped

        """)
  }

  private static let second: Int64 = 1_000_000_000
  private static func task(_ verb: Progress.Task.Verb, _ name: String) -> Progress.Task {
    .init(verb: verb, kind: name.hasSuffix("default") ? .network : .container, name: name)
  }

  private static func model() -> ProgressModel {
    var model = ProgressModel()
    model.apply(.began(task(.create, "shop_default")), at: 0)
    model.apply(.ended(task(.create, "shop_default"), seconds: 0.1), at: second / 10)
    model.apply(.began(task(.create, "shop-web-1")), at: second / 10)
    model.apply(.ended(task(.create, "shop-web-1"), seconds: 0.1), at: second / 5)
    model.apply(.began(task(.start, "shop-web-1")), at: second / 5)
    model.apply(.waiting(container: "shop-api-1", reason: "db is not healthy yet"), at: second / 5)
    model.apply(.began(task(.start, "shop-db-1")), at: 0)
    model.apply(.failed(task(.start, "shop-db-1"), message: "no such file"), at: second)
    return model
  }

  @Test func `progress on a terminal is one line a thing`() {
    let lines = Self.model().lines(width: 60, height: 24, now: 2 * Self.second, colors: false)
    #expect(
      lines == [
        "[+] Running 1/4", " ✔ Network shop_default  Created                        0.1s",
        " ⠋ Container shop-web-1  Starting                       1.9s",
        " ⠋ Container shop-api-1  Waiting: db is not healthy yet 1.8s",
        " ✘ Container shop-db-1   Error                          1.0s",
      ])
  }

  @Test(arguments: [10, 20, 25, 30, 40, 60, 200])
  func `no line is longer than the terminal is wide`(_ width: Int) {
    for line in Self.model().lines(width: width, height: 24, now: 99 * Self.second, colors: false) {
      #expect(columns(of: line) <= width, "\(line)")
    }
  }

  @Test func `no more lines are drawn than the terminal has, those at work first`() {
    var model = ProgressModel()
    for number in 1...50 { model.apply(.began(Self.task(.start, "a-\(number)")), at: 0) }
    for number in 1...48 {
      model.apply(.ended(Self.task(.start, "a-\(number)"), seconds: 1), at: Self.second)
    }
    let lines = model.lines(width: 80, height: 6, now: 0, colors: false)
    #expect(lines.count == 5)
    #expect(lines.filter { $0.contains("Starting") }.count == 2)
  }

  @Test func `lines are drawn over those before`() {
    #expect(
      ProgressView.drawing(["a", "b"], over: 0) == "\u{1B}[?25la\u{1B}[K\nb\u{1B}[K\n\u{1B}[J\u{1B}[?25h")
    #expect(ProgressView.drawing(["a"], over: 2).hasPrefix("\u{1B}[?25l\u{1B}[2Aa"))
  }

  @Test func `progress elsewhere is one line an event`() {
    #expect(ProgressModel.plain(.began(Self.task(.remove, "a"))) == " Container a  Removing")
    #expect(
      ProgressModel.plain(.ended(Self.task(.stop, "a"), seconds: 10.04)) == " Container a  Stopped  10.0s")
    #expect(
      ProgressModel.plain(.failed(Self.task(.update, "a"), message: "why")) == " Container a  Error: why")
    #expect(
      ProgressModel.plain(.waiting(container: "a", reason: "b is slow")) == " Container a  Waiting: b is slow"
    )
    #expect(ProgressModel.plain(.finished(.init(isConverged: true))) == nil)
  }

  @Test func `log lines have the name in a column`() {
    var printer = LogPrinter()
    printer.add("web-1")
    printer.add("database-1")
    let line = LogText(stream: .stdout, time: "T", bytes: Array("hello".utf8))
    #expect(String(decoding: printer.line("web-1", line), as: UTF8.self) == "web-1       | hello\n")
    printer.showsTimes = true
    #expect(String(decoding: printer.line("database-1", line), as: UTF8.self) == "database-1  | T hello\n")
    printer.hasPrefix = false
    #expect(String(decoding: printer.line("web-1", line), as: UTF8.self) == "T hello\n")
    printer = LogPrinter(hasColors: true)
    printer.add("a")
    printer.add("b")
    #expect(String(decoding: printer.line("b", line), as: UTF8.self) == "\u{1B}[33mb  | \u{1B}[0mhello\n")
  }

  @Test(arguments: [
    (0, "0B"), (999, "999B"), (1240, "1.24kB"), (12_400_000, "12.4MB"), (124_000_000, "124MB"),
    (2_000_000_000, "2.00GB"),
  ])
  func `sizes have three digits`(_ bytes: UInt64, _ text: String) { #expect(sizeText(bytes) == text) }

  @Test func `wide characters take two columns`() {
    #expect(columns(of: "aé漢🚀") == 6)
    #expect(shortened("漢漢漢", to: 5) == "漢漢…")
    #expect(padded("漢", to: 4) == "漢  ")
  }

  @Test(arguments: [("42m", 2520), ("1h30m", 5400), ("1.5s", 1.5), ("100ms", 0.1), ("1d", 86400)])
  func `lengths of time are read as Go writes them`(_ text: String, _ seconds: Double) {
    #expect(Span(goText: text)?.inSeconds == seconds)
  }

  @Test func `since takes a time and how long ago`() throws {
    let now = Moment(seconds: 10000)
    #expect(try Logs.parameter("1h", now: now) == "6400.000000000")
    #expect(try Logs.parameter("1970-01-01T00:00:02Z", now: now) == "2.000000000")
    #expect(try Logs.parameter("17.5", now: now) == "17.5")
    #expect(try Logs.parameter(nil, now: now) == nil)
    #expect(throws: CLIError.self) { try Logs.parameter("soon", now: now) }
  }

  @Test func `a plan says what it comes to`() {
    let slot = Slot(stack: "shop", service: "web", number: 1)
    let start = Step(
      number: 1, after: [], action: .start(Instance(slot: slot, generation: 1)), reason: "it is not running")
    #expect(
      PlanCommand.text(Plan(stack: "shop", steps: [start])) == "1: start web:1: it is not running\n1 step\n")
    #expect(PlanCommand.text(Plan(stack: "shop")) == "nothing to do: everything is as the stack file says\n")
    #expect(
      PlanCommand.text(Plan(stack: "shop", waiting: [slot: "db:1 is starting"]))
        == "waiting web:1: db:1 is starting\nnothing to do now\n")
  }
}
