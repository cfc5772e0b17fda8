import EngineInterface
import Kernel
import Wire

/// The answer to a request that is answered with progress, as it comes.
final class ProgressStream {
  private let client: EngineClient
  private let connection: HTTPConnection
  private var queue = ByteQueue()
  private var isDone = false

  init(
    _ client: EngineClient, _ method: String, _ target: String, _ content: HTTPConnection.Content = .none
  ) throws(CLIError) {
    self.client = client
    connection = try client.connect()
    try connection.request(method, target, content)
    try connection.expectSuccess()
  }

  /// For `Poll`.
  var number: Int32 { connection.descriptor.number }
  /// Whether events may have come that `Poll` does not tell of.
  var hasBuffered: Bool { connection.hasBuffered }

  /// The events that have come; blocks where there is none yet. Throws where the engine went before
  /// the last one.
  func arrived() throws(CLIError) -> [Progress] {
    if isDone { return [] }
    let (pieces, ended) = try connection.arrived()
    for piece in pieces { queue.append(piece) }
    var events: [Progress] = []
    while let line = queue.takeLine() {
      let event = try client.progress(line)
      events.append(event)
      if case .finished = event { isDone = true }
    }
    if ended, !isDone {
      throw CLIError("the engine at \(client.path) ended before it was done; 'cairn ps' shows what is there")
    }
    return events
  }
}

extension Session {
  /// Shows the progress of a request until its end. An interrupt ends the watching, not the work:
  /// `interrupted` says what happens then; without it the command ends as a shell expects it. Throws
  /// where what was wanted was not reached.
  func watch(
    _ method: String, _ target: String, _ content: HTTPConnection.Content = .none,
    interrupted: (() throws(CLIError) -> Void)? = nil
  ) throws(CLIError) {
    let stream = try ProgressStream(try engine(), method, target, content)
    let view = ProgressView(console, settings.progress)
    let signals = try Waiting.signals([SignalDescriptor.interrupt, SignalDescriptor.terminate])
    while view.model.outcome == nil {
      if !stream.hasBuffered {
        let ready = try Waiting.readable([stream.number, signals.number], milliseconds: view.patience)
        if ready.contains(signals.number), let signal = signals.next() {
          if let interrupted { return try interrupted() }
          console.complain("interrupted; the engine goes on with it, 'cairn ps' shows how far it is")
          throw .silent(status: 128 + signal)
        }
        guard ready.contains(stream.number) else {
          view.redraw()
          continue
        }
      }
      for event in try stream.arrived() { view.show(event) }
    }
    try conclude(view.model)
  }

  /// Says why it did not get there, where it did not.
  func conclude(_ model: ProgressModel) throws(CLIError) {
    guard let outcome = model.outcome, !outcome.isConverged else { return }
    for problem in outcome.problems { console.complain("error: \(problem)") }
    if outcome.timedOut {
      console.complain("error: the time was up before everything was as wanted; the engine goes on trying")
    } else if outcome.problems.isEmpty, model.failures.isEmpty {
      console.complain("error: not everything is as wanted; 'cairn ps -a' shows what is there")
    }
    throw .silent(status: 1)
  }
}
