package import EngineInterface
package import Stacks
package import Synchronization

/// An engine made of values: what it is asked is noted, what it answers was given.
package final class FakeEngine: EngineService {
  package struct Content: Sendable {
    package var containers: [ContainerSummary] = []
    package var images: [ImageSummary] = []
    package var stacks: [String: Stack] = [:]
    package var progress: [Progress] = []
    package var plan = Plan(stack: "shop")
    package var drift: [Drift] = []
    package var lines: [LogLine] = []
    package var revisions: [Revision] = []
    package var runs: [RunRequest] = []
    /// What is attached to ends whatever its input does.
    package var attachedEnds = false
    /// What was asked, in order.
    package var calls: [String] = []
    package var imported: [UInt8] = []
    package var exitCode: Int32 = 0
    package var usage: [UsageSample] = []
    package var looks = 0
    package var processes: [ContainerProcess] = []
    package var events: [EngineEvent] = []
  }
  package let content = Mutex(Content())
  /// Where it is set, a log goes on with what this stream brings.
  package let liveLog: Mutex<AsyncStream<LogLine>?> = Mutex(nil)
  /// Counts how many log streams were ended before their time.
  package let endedEarly = Mutex(0)

  package init(_ containers: [ContainerSummary] = []) { content.withLock { $0.containers = containers } }

  package var calls: [String] { content.withLock { $0.calls } }
  private func note(_ call: String) { content.withLock { $0.calls.append(call) } }

  package var information: EngineInformation {
    EngineInformation(
      version: "0.1.0", dataRoot: "/var/lib/cairn", execRoot: "/run/cairn", pid: 7, kernelVersion: "6.1.0",
      cgroups: "v2")
  }

  package func stacks() async throws(EngineError) -> [StackSummary] {
    content.withLock { content in
      content.stacks.keys.sorted().map {
        StackSummary(name: $0, running: 1, desired: 2, files: ["/a/stack.yaml"])
      }
    }
  }

  package func stack(_ name: String) async throws(EngineError) -> Stack {
    guard let stack = content.withLock({ $0.stacks[name] }) else {
      throw EngineError(.notFound, "there is no stack '\(name)'")
    }
    return stack
  }

  package func drift(_ name: String) async throws(EngineError) -> [Drift] { content.withLock { $0.drift } }

  package func plan(_ stack: Stack, options: ApplyOptions) async throws(EngineError) -> Plan {
    note("plan \(stack.name)")
    return content.withLock { $0.plan }
  }

  private func stream(_ call: String) -> AsyncStream<Progress> {
    note(call)
    let progress = content.withLock { $0.progress }
    return AsyncStream { continuation in
      for element in progress { continuation.yield(element) }
      continuation.finish()
    }
  }

  package func apply(_ stack: Stack, options: ApplyOptions) -> AsyncStream<Progress> {
    content.withLock { $0.stacks[stack.name] = stack }
    return stream(
      "apply \(stack.name) health=\(options.waitsForHealth) orphans=\(options.removesOrphans) services=\(options.services)"
    )
  }

  package func takeDown(_ name: String, options: DownOptions) -> AsyncStream<Progress> {
    stream("down \(name) volumes=\(options.removesVolumes) timeout=\(options.timeout.map { "\($0)" } ?? "-")")
  }

  package func history(_ name: String) async throws(EngineError) -> [Revision] {
    content.withLock { $0.revisions }
  }

  package func rollBack(_ name: String, to number: Int?) -> AsyncStream<Progress> {
    let by = Requester.current
    return stream("rollback \(name) to \(number.map(String.init) ?? "-") by \(by.user): \(by.command)")
  }

  package func scale(_ name: String, to replicas: [String: Int]) -> AsyncStream<Progress> {
    stream("scale \(name) \(replicas.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })")
  }

  package func setStopped(
    _ stopped: Bool, stack: String, services: [String], timeout: Span?
  ) -> AsyncStream<Progress> {
    stream("\(stopped ? "stop" : "start") \(stack) \(services) \(timeout.map { "\($0)" } ?? "-")")
  }

  package func restart(stack: String, services: [String], timeout: Span?) -> AsyncStream<Progress> {
    stream("restart \(stack) \(services)")
  }

  package func run(_ request: RunRequest, of stack: Stack) -> AsyncStream<Progress> {
    content.withLock { $0.runs.append(request) }
    return stream("run \(stack.name) \(request.oneOff.service)")
  }

  package func discard(_ key: String, of stack: String) -> AsyncStream<Progress> {
    stream("discard \(stack) \(key)")
  }

  package func attach(_ container: ContainerID, givesInput: Bool) async throws(EngineError)
    -> any ExecSession
  {
    note("attach \(container.short) input=\(givesInput)")
    let hasInput = givesInput && !content.withLock { $0.attachedEnds }
    return EchoSession(ExecOptions(command: ["attach"], hasInput: hasInput), exitCode: 0)
  }

  package func resize(_ container: ContainerID, rows: UInt16, columns: UInt16) async throws(EngineError) {
    note("resize \(container.short) \(rows)x\(columns)")
  }

  package func containers(stack: String?) async throws(EngineError) -> [ContainerSummary] {
    content.withLock { content in
      content.containers.filter { stack == nil || $0.container.instance.slot.stack == stack }
    }
  }

  package func container(_ nameOrID: String) async throws(EngineError) -> ContainerSummary {
    let found = content.withLock { content in
      content.containers.first {
        $0.name == nameOrID || $0.container.id.description.hasPrefix(nameOrID)
      }
    }
    guard let found else { throw EngineError(.notFound, "No such container: \(nameOrID)") }
    return found
  }

  package func kill(_ container: ContainerID, signal: String) async throws(EngineError) {
    note("kill \(container.short) \(signal)")
  }

  package func logs(_ container: ContainerID, options: LogOptions) async throws(EngineError)
    -> AsyncThrowingStream<LogLine, any Error>
  {
    note(
      "logs follows=\(options.follows) tail=\(options.tail.map(String.init) ?? "all") since=\(options.since?.nanoseconds ?? 0)"
    )
    let lines = content.withLock { $0.lines }
    let live = options.follows ? liveLog.withLock { $0 } : nil
    let index = Mutex(0)
    let iterator = LiveIterator(live)
    return AsyncThrowingStream {
      let next = index.withLock { index in
        defer { index += 1 }
        return index < lines.count ? lines[index] : nil
      }
      if let next { return next }
      let line = await iterator.next()
      if line == nil, Task.isCancelled { self.endedEarly.withLock { $0 += 1 } }
      return line
    }
  }

  package func exec(_ container: ContainerID, options: ExecOptions) async throws(EngineError)
    -> any ExecSession
  {
    note("exec \(options.command) terminal=\(options.hasTerminal) input=\(options.hasInput)")
    if options.command[0] == "nosuch" {
      throw EngineError(.invalid, "exec nosuch: executable file not found in $PATH")
    }
    if options.command[0] == "secret" {
      throw EngineError(.invalid, "exec secret: Permission denied")
    }
    return EchoSession(options, exitCode: content.withLock { $0.exitCode })
  }

  package func wait(_ container: ContainerID) async throws(EngineError) -> Int32 {
    content.withLock { $0.exitCode }
  }

  package func usage(stack: String?) async throws(EngineError) -> [UsageSample] {
    content.withLock { content in
      content.usage.filter { stack == nil || $0.instance.slot.stack == stack }.map { sample in
        // Each look finds a second more on the clock, and half a second of it used.
        var next = sample
        next.usage.cpuTime = sample.usage.cpuTime.map { $0 + UInt64(content.looks) * 500_000_000 }
        next.usage.hostCPUTime += UInt64(content.looks) * 2_000_000_000
        content.looks += 1
        return next
      }
    }
  }

  package func processes(_ container: ContainerID) async throws(EngineError) -> [ContainerProcess] {
    content.withLock { $0.processes }
  }

  package func ownUsage() async throws(EngineError) -> EngineUsage {
    EngineUsage(
      memory: 4096, cpuTime: .milliseconds(1500), openDescriptors: 9,
      eventCounts: [.init(stack: "shop", service: "web", action: .die, count: 2)])
  }

  package func listings() async throws(EngineError) -> [String: StackListing] {
    let web = ServiceSummary(service: "web", image: nil, running: 2, healthy: 1, desired: 3, existing: 3)
    let backup = JobSummary(
      job: "backup", running: 1,
      last: .init(
        code: 3, startedAt: Moment(seconds: 1_700_000_000),
        finishedAt: Moment(seconds: 1_700_000_000) + .milliseconds(1500)),
      nextRun: Moment(seconds: 1_700_003_600))
    return [
      "shop": StackListing(services: [web], jobs: [backup, JobSummary(job: "byhand", running: 0)])
    ]
  }

  package func events(since: Moment?, until: Moment?) -> AsyncStream<EngineEvent> {
    note("events since=\(since.map { "\($0.nanoseconds)" } ?? "now")")
    let events = content.withLock { $0.events }
    return AsyncStream { continuation in
      for event in events { continuation.yield(event) }
      continuation.finish()
    }
  }

  package func images() async throws(EngineError) -> [ImageSummary] { content.withLock { $0.images } }

  package func importImage(
    _ reference: ImageReference, changes: [String],
    archive: any AsyncSequence<[UInt8], any Error> & Sendable
  ) async throws(EngineError) -> ImageSummary {
    do {
      for try await bytes in archive { content.withLock { $0.imported += bytes } }
    } catch {
      throw EngineError(.invalid, "the archive ended early: \(error)")
    }
    note("import \(reference) \(changes)")
    return ImageSummary(
      id: Digest("sha256:" + String(repeating: "a", count: 64))!, references: [reference], size: 5,
      createdAt: Moment(seconds: 0))
  }

  package func removeImage(_ reference: ImageReference) async throws(EngineError) {
    note("remove \(reference)")
  }
}

private actor LiveIterator {
  private let stream: AsyncStream<LogLine>?
  package init(_ stream: AsyncStream<LogLine>?) { self.stream = stream }
  package func next() async -> LogLine? {
    guard let stream else { return nil }
    var iterator = stream.makeAsyncIterator()
    return await iterator.next()
  }
}

/// A process that writes back what it reads in capitals, with a word on standard error first, and its sizes.
package final class EchoSession: ExecSession {
  package let output: AsyncStream<OutputChunk>
  private let writer: AsyncStream<OutputChunk>.Continuation
  private let exitCode: Int32
  private let isDone: AsyncStream<Void>
  private let done: AsyncStream<Void>.Continuation

  package init(_ options: ExecOptions, exitCode: Int32) {
    (output, writer) = AsyncStream.makeStream()
    (isDone, done) = AsyncStream.makeStream()
    self.exitCode = exitCode
    writer.yield(OutputChunk(stream: .stderr, bytes: Array("ready\n".utf8)))
    if !options.hasInput {
      writer.finish()
      done.finish()
    }
  }

  package func write(_ bytes: [UInt8]) async throws(EngineError) {
    writer.yield(
      OutputChunk(stream: .stdout, bytes: Array(String(decoding: bytes, as: UTF8.self).uppercased().utf8)))
  }

  package func closeInput() async {
    writer.finish()
    done.finish()
  }

  package func resize(rows: UInt16, columns: UInt16) async {
    writer.yield(OutputChunk(stream: .stdout, bytes: Array("\(rows)x\(columns)\n".utf8)))
  }

  package func wait() async -> Int32 {
    for await _ in isDone {}
    return exitCode
  }
}

/// Containers to serve.
package enum Sample {
  /// A name that is one.
  package static let busybox: ImageReference = {
    guard let reference = try? ImageReference("busybox") else { preconditionFailure() }
    return reference
  }()
  package static let digest = Digest("sha256:" + String(repeating: "0a", count: 32))!

  package static func container(
    _ service: String, _ number: Int = 1, stack: String = "shop", state: ContainerState? = nil,
    tty: Bool = false,
    digit: String = "1"
  ) -> ContainerSummary {
    let slot = Slot(stack: stack, service: service, number: number)
    let template = ContainerTemplate(
      image: busybox, labels: ["tier": service], tty: tty,
      ports: [PortMapping(hostPort: 8080, containerPort: 80)])
    let spec = ContainerSpec(slot: slot, template: template)
    return ContainerSummary(
      name: spec.name,
      container: ObservedContainer(
        id: ContainerID(String(repeating: digit, count: 64))!, instance: Instance(slot: slot, generation: 1),
        spec: spec, image: digest, createdAt: Moment(seconds: 1_700_000_000),
        addresses: ["shop_default": IPv4Address("10.89.0.2")!],
        ports: [PortMapping(hostPort: 8080, containerPort: 80)],
        state: state
          ?? .running(.init(pid: 42, startedAt: Moment(seconds: 1_700_000_001), health: .healthy))),
      command: ["httpd", "-f"], templateHash: 0xab)
  }

  package static func line(_ text: String, _ stream: OutputStream = .stdout) -> LogLine {
    LogLine(stream: stream, time: Moment(nanoseconds: 1_700_000_000_000_000_005), bytes: Array(text.utf8))
  }
}
