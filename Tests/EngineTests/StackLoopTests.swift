import EngineInterface
import FoundationEssentials
import Logging
import Stacks
import Synchronization
import Testing

@testable import Engine

@Suite struct StackLoopTests {
  let folder = "/tmp/cairn-loop-" + UUID().uuidString

  private func world(_ stack: Stack) throws -> (ValueMachine, DesiredStore, StackLoop<ValueMachine>) {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let store = try DesiredStore(path: folder + "/db")
    let machine = ValueMachine(stack: stack.name, images: stack.services.values.map(\.template.image))
    let loop = StackLoop(name: stack.name, machine: machine, store: store, logger: Logger(label: "test"))
    return (machine, store, loop)
  }

  private func watch(
    _ loop: StackLoop<ValueMachine>, revision: Int64, options: ApplyOptions = ApplyOptions()
  ) -> AsyncStream<Progress> {
    let (stream, continuation) = AsyncStream<Progress>.makeStream()
    let watcher = ProgressWatcher(
      number: Int.random(in: 1...Int.max), revision: revision, options: options, deadline: nil,
      continuation: continuation)
    #expect(loop.take(watcher, .init()))
    return stream
  }

  private func outcome(_ stream: AsyncStream<Progress>) async -> Progress.Outcome? {
    for await progress in stream { if case .finished(let outcome) = progress { return outcome } }
    return nil
  }

  private func stack(_ replicas: Int = 2, restart: RestartPolicy = .always) throws -> Stack {
    let template = ContainerTemplate(
      image: try ImageReference("busybox"), command: ["sleep", "1"], networks: ["default": .init()],
      restart: restart)
    return Stack(
      name: "s", services: ["web": Service(replicas: replicas, template: template)],
      networks: ["default": NetworkDefinition(name: "s_default")])
  }

  @Test func `a stack comes up, stays up, follows a change, and goes down`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var wanted = try stack()
    let (machine, store, loop) = try world(wanted)
    let task = Task { await loop.run() }
    defer { task.cancel() }

    let up = await outcome(watch(loop, revision: try store.save(wanted, at: Moment(seconds: 1))))
    #expect(up == Progress.Outcome(isConverged: true))
    #expect(
      machine.performed.sorted() == [
        "create network s_default", "create web:1", "create web:2", "start web:1", "start web:2",
      ])

    // Again: nothing to do.
    let again = await outcome(watch(loop, revision: try store.save(wanted, at: Moment(seconds: 1))))
    #expect(again == Progress.Outcome(isConverged: true))
    #expect(machine.performed.count == 5)

    wanted.services["web"]?.replicas = 1
    let scaled = await outcome(watch(loop, revision: try store.save(wanted, at: Moment(seconds: 1))))
    #expect(scaled == Progress.Outcome(isConverged: true))
    #expect(Array(machine.performed.suffix(2)) == ["stop web:2", "remove web:2"])

    let revision = try store.save(wanted, leaving: .init(removesVolumes: false), at: Moment(seconds: 1))
    let down = await outcome(watch(loop, revision: revision))
    #expect(down == Progress.Outcome(isConverged: true))
    #expect(machine.state.withLock { $0.observed.containers.isEmpty && $0.observed.networks.isEmpty })
    #expect(try store.entry("s") == nil)
    await task.value
  }

  @Test func `a container that ends is started again without anyone asking`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let wanted = try stack(1)
    let (machine, store, loop) = try world(wanted)
    let task = Task { await loop.run() }
    defer { task.cancel() }
    _ = await outcome(watch(loop, revision: try store.save(wanted, at: Moment(seconds: 1))))

    machine.change { observed in
      let id = observed.containers.keys.first!
      let now = Moment(seconds: 1_000_000)
      observed.containers[id]?.state = .exited(.init(code: 1, startedAt: now, finishedAt: now))
    }
    let seen = await outcome(watch(loop, revision: 0))
    #expect(seen?.isConverged == true)
    #expect(machine.performed.filter { $0 == "start web:1" }.count == 2)
  }

  @Test(.timeLimit(.minutes(10)))
  func `drift of an observed service is noted and left until it is asked for`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var wanted = try stack(1)
    wanted.services["web"]?.reconciliation = .observe
    let (machine, store, loop) = try world(wanted)
    let task = Task { await loop.run() }
    defer { task.cancel() }
    let up = await outcome(watch(loop, revision: try store.save(wanted, at: Moment(seconds: 1))))
    #expect(up == Progress.Outcome(isConverged: true))
    while try store.entry("s")?.stack.services["web"]?.isCarriedOut != true { await Task.yield() }
    #expect(try store.revisions(of: "s").count == 1)

    machine.change { observed in
      let id = observed.containers.keys.first!
      let now = Moment(seconds: 1_000_000)
      observed.containers[id]?.state = .exited(.init(code: 1, startedAt: now, finishedAt: now))
    }
    loop.wake()
    while machine.state.withLock({ $0.drift.isEmpty }) { await Task.yield() }
    #expect(machine.performed.filter { $0 == "start web:1" }.count == 1)

    machine.state.withLock { $0.now = $0.now + .seconds(1) }
    wanted = try wanted.asking(at: machine.now)
    let again = await outcome(watch(loop, revision: try store.save(wanted, at: Moment(seconds: 1))))
    #expect(again == Progress.Outcome(isConverged: true))
    #expect(machine.performed.filter { $0 == "start web:1" }.count == 2)
    #expect(machine.state.withLock { $0.drift.isEmpty })
  }

  @Test(.timeLimit(.minutes(10)))
  func `while one service takes its time to end another is started again, and then it is killed`()
    async throws
  {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var wanted = try stack(1)
    wanted.services["slow"] = wanted.services["web"]
    let (machine, store, loop) = try world(wanted)
    machine.state.withLock { $0.slow = ["slow"] }
    let task = Task { await loop.run() }
    defer { task.cancel() }
    _ = await outcome(watch(loop, revision: try store.save(wanted, at: Moment(seconds: 1))))

    wanted.services["slow"]?.isStopped = true
    let stop = watch(loop, revision: try store.save(wanted, at: Moment(seconds: 1)))
    var seen: [String] = []
    var events = stop.makeAsyncIterator()
    while let event = await events.next() {
      seen.append(event.words)
      if seen.last == "began stop s-slow-1" { break }
    }
    machine.change { observed in
      let id = observed.containers.values.first { $0.instance.slot.service == "web" }!.id
      let now = Moment(seconds: 1_000_000)
      observed.containers[id]?.state = .exited(.init(code: 1, startedAt: now, finishedAt: now))
    }
    loop.wake()
    while let event = await events.next() {
      seen.append(event.words)
      if seen.last == "ended start s-web-1" { break }
    }
    #expect(
      machine.state.withLock { $0.observed.containers.values.allSatisfy { $0.state.word == "running" } })

    machine.state.withLock { $0.now = $0.now + .seconds(10) }
    loop.wake()
    while let event = await events.next() { seen.append(event.words) }
    #expect(
      seen == [
        "began stop s-slow-1", "began start s-web-1", "ended start s-web-1", "ended stop s-slow-1",
        "finished true",
      ])
    let exited = machine.state.withLock { $0.observed.containers.values.first { $0.state.word == "exited" } }
    guard case .exited(let end) = exited?.state else { return #expect(Bool(false), "nothing has ended") }
    #expect(end.code == 137 && end.wasStopped)
  }

  @Test(.timeLimit(.minutes(10)))
  func `what was asked to end and is wanted again is started when it has ended`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var wanted = try stack(1)
    let (machine, store, loop) = try world(wanted)
    machine.state.withLock { $0.slow = ["web"] }
    let task = Task { await loop.run() }
    defer { task.cancel() }
    _ = await outcome(watch(loop, revision: try store.save(wanted, at: Moment(seconds: 1))))

    wanted.services["web"]?.isStopped = true
    let stop = watch(loop, revision: try store.save(wanted, at: Moment(seconds: 1)))
    for await event in stop where event.words == "began stop s-web-1" { break }
    while !machine.performed.contains("stop web:1") { await Task.yield() }
    machine.state.withLock { $0.now = $0.now + .seconds(1) }
    wanted.services["web"]?.isStopped = false
    wanted.services["web"]?.asked.up = machine.now
    let start = watch(loop, revision: try store.save(wanted, at: Moment(seconds: 1)))
    machine.end(Instance(slot: Slot(stack: "s", service: "web", number: 1), generation: 1))
    loop.wake()
    #expect(await outcome(start)?.isConverged == true)
    #expect(machine.performed.filter { $0 == "start web:1" }.count == 2)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a change that must wait for what the service depends on is waited for`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var wanted = try stack(1)
    wanted.services["db"] = wanted.services["web"]
    wanted.services["web"]?.dependencies = ["db": Dependency(condition: .healthy)]
    let (machine, store, loop) = try world(wanted)
    machine.state.withLock { $0.health = .healthy }
    let task = Task { await loop.run() }
    defer { task.cancel() }
    _ = await outcome(watch(loop, revision: try store.save(wanted, at: Moment(seconds: 1))))

    for name in ["db", "web"] { wanted.services[name]?.template.command = ["sleep", "2"] }
    machine.state.withLock { $0.health = .starting }
    var seen: [String] = []
    for await event in watch(loop, revision: try store.save(wanted, at: Moment(seconds: 1))) {
      seen.append(event.words)
      guard case .waiting = event else { continue }
      machine.state.withLock { $0.health = .healthy }
      let now = machine.now
      machine.change { observed in
        for id in observed.containers.keys {
          observed.containers[id]?.state = .running(.init(pid: 1, startedAt: now, health: .healthy))
        }
      }
      loop.wake()
    }
    #expect(
      seen.suffix(2) == ["ended start s-web-1", "finished true"]
        && seen.contains { $0.hasPrefix("s-web-1 waits: it differs (command: ") }, "\(seen)")
  }

  @Test func `a step that fails is reported with its message and what depends on it is not done`()
    async throws
  {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let wanted = try stack(1)
    let (machine, store, loop) = try world(wanted)
    machine.fail("create network s_default", because: "no room")
    let task = Task { await loop.run() }
    defer { task.cancel() }
    let failed = await outcome(watch(loop, revision: try store.save(wanted, at: Moment(seconds: 1))))
    #expect(failed == Progress.Outcome(isConverged: false, problems: ["no room"]))
    #expect(machine.performed == ["create network s_default"])

    machine.fail("create network s_default", because: nil)
    let mended = await outcome(watch(loop, revision: 0))
    #expect(mended == Progress.Outcome(isConverged: true))
  }
}

extension Progress {
  /// In a few words, for comparison.
  fileprivate var words: String {
    switch self {
    case .began(let task): "began \(task.verb) \(task.name)"
    case .ended(let task, _): "ended \(task.verb) \(task.name)"
    case .failed(let task, let message): "failed \(task.verb) \(task.name): \(message)"
    case .waiting(let container, let reason): "\(container) waits: \(reason)"
    case .warning(let text): text
    case .finished(let outcome): "finished \(outcome.isConverged)"
    }
  }
}
