import ArgumentParser
import Stacks
import Wire

struct Logs: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", _superCommandName: "cairn", abstract: "Show the output of containers.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: LongFileOption
  var files: [String] { stackFile.file }

  @Flag(name: .shortAndLong, help: "Go on with what is written from now on.")
  var follow = false
  @Option(name: [.customShort("n"), .long], help: "Only the last so many lines of each container, or all.")
  var tail = "all"
  @Flag(name: .shortAndLong, help: "Show timestamps.")
  var timestamps = false
  @Option(help: "Only what was written since a time (2026-11-24T13:20:00Z) or for so long (42m).")
  var since: String?
  @Option(help: "Only what was written before a time or so long ago.")
  var until: String?
  @Option(help: "Only this replica of each service.")
  var index: Int?
  @Flag(help: "Produce monochrome output.")
  var noColor = false
  @Flag(help: "Do not print the container's name before each line.")
  var noLogPrefix = false
  @Argument(help: "Only these services.")
  var service: [String] = []

  func validate() throws {
    guard tail == "all" || Int(tail).map({ $0 >= 0 }) ?? false else {
      throw ValidationError("--tail takes a number of lines or 'all', not '\(tail)'")
    }
  }

  func execute(_ session: Session) throws(CLIError) {
    let containers = try session.containers(service)
      .filter { index == nil || $0.number == index }
    let client = try session.engine()
    let part = LogSource.Part(
      tail: tail == "all" ? nil : tail, since: try Self.parameter(since, now: session.now),
      until: try Self.parameter(until, now: session.now))
    var printer = LogPrinter(
      hasPrefix: !noLogPrefix, hasColors: session.console.hasOutputColors && !noColor, showsTimes: timestamps)
    if follow {
      let stack = try client.stack(try session.stackName())
      let follower = LogFollower(
        session, client, stack, services: service, printer, part, isAttached: false)
      return try follower.run()
    }
    // A service that keeps no log is passed over unless it is asked for by name.
    let stack = service.isEmpty ? try? client.stack(try session.stackName()) : nil
    var sources: [LogSource] = []
    for container in containers
    where stack?.services[container.service]?.template.logging.isKept != false {
      printer.add(container.logName)
      sources.append(try LogSource(client, container, follows: false, part))
    }
    var merge = LogMerge(sources)
    var output = LogOutput(session.console)
    while let (source, line) = try merge.next() {
      output.add(printer.line(source.container.logName, line), to: line.stream)
    }
    output.flush()
  }

  /// A time, or how long ago, as seconds since the epoch with decimals.
  static func parameter(_ text: String?, now: Moment) throws(CLIError) -> String? {
    guard let text, !text.isEmpty else { return nil }
    if text.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }), Double(text) != nil {
      return text
    }
    let moment: Moment
    if let span = Span(goText: text) {
      moment = now + Span(nanoseconds: -span.nanoseconds)
    } else if let read = Moment(rfc3339: text) {
      moment = read
    } else {
      throw CLIError(
        "use '\(text)' as a time: write one such as 2026-11-24T13:20:00Z, or how long ago, such as 42m")
    }
    let decimals = String(moment.nanoseconds % 1_000_000_000 + 1_000_000_000).dropFirst()
    return "\(moment.nanoseconds / 1_000_000_000).\(decimals)"
  }
}

extension Span {
  /// Reads `1h30m`, `42m`, `1.5s`, `100ms`; nil: it is none of them.
  init?(goText text: String) {
    let units: [(String, Double)] = [
      ("ms", 1e6), ("us", 1e3), ("ns", 1), ("d", 86400e9), ("h", 3600e9), ("m", 60e9), ("s", 1e9),
    ]
    var rest = text[...]
    var sum = 0.0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest = rest.dropFirst(digits.count)
      guard let number = Double(digits), let unit = units.first(where: { rest.hasPrefix($0.0) }) else {
        return nil
      }
      rest = rest.dropFirst(unit.0.count)
      sum += number * unit.1
    }
    guard sum < 9e18 else { return nil }
    self.init(nanoseconds: Int64(sum))
  }
}
