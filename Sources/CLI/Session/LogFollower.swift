import EngineInterface
import Kernel
import Stacks
import Wire

/// Shows the output of a stack's containers as it comes, of those that are started later too, until
/// none runs and none will be started again, or the user ends it.
final class LogFollower {
  /// How soon containers that were started, and starts that are due, are noticed, in milliseconds.
  static let interval = 500

  private let session: Session
  private let client: EngineClient
  private let stack: Stack
  private let services: Set<String>
  private var printer: LogPrinter
  private let part: LogSource.Part
  /// Whether to say how containers ended, and to stop the stack when the user interrupts.
  private let isAttached: Bool
  private var sources: [LogSource] = []
  /// By container: where its log was left.
  private var seen: [String: String] = [:]
  /// Containers of which something was seen since their end was told last.
  private var lively: Set<String> = []
  private var nextLook: Int64 = 0
  private var stopping: ProgressStream?

  /// `services` empty: all.
  init(
    _ session: Session, _ client: EngineClient, _ stack: Stack, services: [String], _ printer: LogPrinter,
    _ part: LogSource.Part, isAttached: Bool
  ) {
    self.session = session
    self.client = client
    self.stack = stack
    self.services = Set(services)
    self.printer = printer
    self.part = part
    self.isAttached = isAttached
  }

  /// Throws with the status of an interrupted program where the user ended it.
  func run() throws(CLIError) {
    let signals = try Waiting.signals([SignalDescriptor.interrupt, SignalDescriptor.terminate])
    var isFirst = true
    while true {
      if Clocks.monotonic() >= nextLook {
        nextLook = Clocks.monotonic() + Int64(Self.interval) * 1_000_000
        let goesOn = try attach(isFirst: isFirst)
        isFirst = false
        if sources.isEmpty, stopping == nil, !goesOn { return }
      }
      try waitAndShow(signals)
    }
  }

  /// Begins to follow what runs and is not followed yet. False: nothing runs or will.
  private func attach(isFirst: Bool) throws(CLIError) -> Bool {
    let containers = try client.containers(of: stack.name)
      .filter { !$0.isOneOff && (services.isEmpty || services.contains($0.service)) }
    let shown = containers.filter { isShown($0.service) }
    for container in shown { printer.add(container.logName) }
    for container in shown where !sources.contains(where: { $0.container.id == container.id }) {
      if container.isRunning { lively.insert(container.id) }
      // One that has ended may have run, and written, and ended again since it was looked at.
      guard container.isRunning || seen[container.id] == nil || willStart(container) else { continue }
      var part = part
      if let last = seen[container.id], !last.isEmpty {
        part = LogSource.Part(since: Self.after(last))
      } else if !isFirst {
        part.tail = nil
      }
      seen[container.id] = seen[container.id] ?? ""
      sources.append(try LogSource(client, container, follows: true, part))
    }
    return containers.contains { $0.isRunning || willStart($0) }
  }

  /// Whether a service's output is followed: not where the stack file says that `up` shall leave it alone,
  /// nor where no log is kept. Who names it asks for it, and is told.
  private func isShown(_ service: String) -> Bool {
    guard services.isEmpty, let wanted = stack.services[service] else { return true }
    return wanted.template.logging.isKept && (wanted.isAttached || !isAttached)
  }

  /// Whether the engine will start the container again by itself.
  private func willStart(_ container: ListedContainer) -> Bool {
    guard stopping == nil, let service = stack.services[container.service], !service.isStopped else {
      return false
    }
    if container.state == "created" { return true }
    if service.reconciliation == .observe { return false }
    switch service.template.restart {
    case .no: return false
    case .always, .unlessStopped: return true
    case .onFailure(let maximum): return container.exitCode != 0 && maximum == nil
    }
  }

  private func waitAndShow(_ signals: SignalDescriptor) throws(CLIError) {
    let isBuffered = sources.contains(where: \.hasBuffered) || stopping?.hasBuffered ?? false
    var numbers = sources.map(\.number) + [signals.number]
    if let stopping { numbers.append(stopping.number) }
    let patience = max(0, Int((nextLook - Clocks.monotonic()) / 1_000_000))
    let ready = try Waiting.readable(numbers, milliseconds: isBuffered ? 0 : patience)
    for source in sources where ready.contains(source.number) || source.hasBuffered { try show(source) }
    if let stream = stopping, ready.contains(stream.number) || stream.hasBuffered {
      for event in try stream.arrived() {
        if let line = ProgressModel.plain(event) { session.console.complain(line) }
        if case .finished = event { throw .silent(status: 130) }
      }
    }
    if ready.contains(signals.number), let signal = signals.next() { try interrupt(signal) }
  }

  private func show(_ source: LogSource) throws(CLIError) {
    let (lines, isDone) = try source.arrived()
    var output = LogOutput(session.console)
    for line in lines { output.add(printer.line(source.container.logName, line), to: line.stream) }
    output.flush()
    let id = source.container.id
    if !lines.isEmpty { lively.insert(id) }
    if !source.lastTime.isEmpty { seen[id] = source.lastTime }
    guard isDone else { return }
    sources.removeAll { $0 === source }
    if isAttached, lively.remove(id) != nil,
      let now = try client.containers(of: stack.name).first(where: { $0.id == id }), now.state == "exited"
    {
      session.console.write("\(source.container.logName) exited with code \(now.exitCode)\n")
    }
  }

  /// The first interrupt stops the stack, the second one kills it; or there is nothing to stop.
  private func interrupt(_ signal: Int32) throws(CLIError) {
    guard isAttached else { throw .silent(status: 128 + signal) }
    if stopping == nil {
      session.console.complain("\nGracefully stopping... (press Ctrl+C again to force)")
      let request = ServicesRequest(services: services.sorted())
      stopping = try ProgressStream(
        client, "POST", "/stacks/\(percentEncoded(stack.name))/stop", .json(try client.encode(request)))
    } else {
      session.console.complain("Killing...")
      for container in try client.containers(of: stack.name, all: false)
      where !container.isOneOff && (services.isEmpty || services.contains(container.service)) {
        try? client.kill(container.id, signal: "SIGKILL")
      }
    }
  }

  /// The moment after the one in the text, as a parameter.
  static func after(_ time: String) -> String? {
    guard let moment = Moment(rfc3339: time) else { return nil }
    let next = moment.nanoseconds + 1
    let decimals = String(next % 1_000_000_000 + 1_000_000_000).dropFirst()
    return "\(next / 1_000_000_000).\(decimals)"
  }
}
