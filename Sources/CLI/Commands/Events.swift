import ArgumentParser
import Kernel
import Stacks
import Wire

struct Events: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", _superCommandName: "cairn",
    abstract: "Show what happens to the containers of a stack, as it happens.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var stackFile: FileOption
  var files: [String] { stackFile.file }

  @Flag(help: "One JSON document a line.")
  var json = false
  @Option(help: "Begin with what happened since a time (2026-11-24T13:20:00Z) or in the last 42m.")
  var since: String?
  @Option(help: "End at a time (2026-11-24T13:20:00Z) or at what happened so long ago (42m).")
  var until: String?
  @Argument(help: "Only these services.")
  var service: [String] = []

  func execute(_ session: Session) throws(CLIError) {
    let name = try session.stackName()
    let stream = try EventStream(
      try session.engine(), stack: name, since: try Logs.parameter(since, now: session.now),
      until: try Logs.parameter(until, now: session.now))
    while let event = try stream.next() {
      let attributes = event.actor.attributes
      let own = attributes["com.docker.compose.service"]
      guard service.isEmpty || own.map(service.contains) ?? false else { continue }
      session.console.write(json ? try JSONText.line(Row(event)) : Self.line(event))
    }
  }

  /// `2026-11-24T13:20:00.000000000Z container start 4f1e… (image=busybox, name=shop-web-1)`.
  static func line(_ event: DockerEvent) -> String {
    let details = attributes(of: event).sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
    return
      "\(Moment(nanoseconds: event.timeNano).rfc3339) \(event.type) \(event.action) \(event.actor.id) (\(details.joined(separator: ", ")))\n"
  }

  /// What is told of it besides: not the labels by which it was chosen.
  static func attributes(of event: DockerEvent) -> [String: String] {
    event.actor.attributes.filter { !$0.key.hasPrefix("com.docker.compose.") }
  }

  /// An event as `docker compose events --json` gives it.
  struct Row: Encodable {
    var time: String
    var type: String
    var service: String
    var id: String
    var action: String
    var attributes: [String: String]

    init(_ event: DockerEvent) {
      time = Moment(nanoseconds: event.timeNano).rfc3339
      type = event.type
      service = event.actor.attributes["com.docker.compose.service"] ?? ""
      id = event.actor.id
      action = event.action
      attributes = Events.attributes(of: event)
    }
  }
}

/// The events of one stack, as they come.
final class EventStream {
  private let client: EngineClient
  private let connection: HTTPConnection
  private var queue = ByteQueue()

  /// `since` and `until` in seconds since the epoch, with decimals.
  init(_ client: EngineClient, stack: String, since: String?, until: String?) throws(CLIError) {
    self.client = client
    connection = try client.connect()
    let label = "com.docker.compose.project=\(stack)"
    var target = "/events?filters={%22label%22:[%22\(percentEncoded(label))%22]}"
    if let since { target += "&since=\(percentEncoded(since))" }
    if let until { target += "&until=\(percentEncoded(until))" }
    try connection.request("GET", target)
    try connection.expectSuccess()
  }

  /// The next one; nil: there are no more. Waits.
  func next() throws(CLIError) -> DockerEvent? {
    while true {
      if let line = queue.takeLine() { return try client.decode(DockerEvent.self, line) }
      guard let piece = try connection.next() else { return nil }
      queue.append(piece)
    }
  }
}
