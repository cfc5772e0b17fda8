public import EngineInterface
internal import Kernel
public import Logging
public import Stacks
internal import Synchronization

/// The engine: keeps every stack as it is declared, through one loop a stack on one machine.
///
/// It may be killed at any moment: containers go on under their shims, and the next engine on the
/// same roots adopts them. It decides nothing itself; `Plan.make` does.
public final class CairnEngine: EngineService {
  public let information: EngineInformation
  let machine: LocalMachine
  let store: DesiredStore
  private let autoscaler: Autoscaler
  private let logger: Logger
  private let lock: FileLock
  private let state = Mutex(State())
  private let births: AsyncStream<StackLoop<LocalMachine>>
  private let birth: AsyncStream<StackLoop<LocalMachine>>.Continuation

  private struct State {
    var loops: [String: StackLoop<LocalMachine>] = [:]
    var watchers = 0
  }

  /// Where the engine keeps things.
  public struct Configuration: Sendable {
    /// What must survive a reboot: images, volumes, containers, the database.
    public var dataRoot: String
    /// What need not: sockets, state of running containers.
    public var execRoot: String
    /// The static program that is each container's parent.
    public var shimPath: String
    public var version: String
    public var logger: Logger

    public init(dataRoot: String, execRoot: String, shimPath: String, version: String, logger: Logger) {
      self.dataRoot = dataRoot
      self.execRoot = execRoot
      self.shimPath = shimPath
      self.version = version
      self.logger = logger
    }
  }

  /// Opens both roots, adopts the containers that run, and readies a loop for every kept stack.
  /// Throws where the roots cannot be used or another engine uses them.
  public init(_ configuration: Configuration) async throws(EngineError) {
    logger = configuration.logger
    OpenFileLimit.raise()
    ThisProcess.shareHeaps()
    do {
      try Files.makeDirectories(configuration.dataRoot)
      try Files.makeDirectories(configuration.execRoot)
      let path = configuration.dataRoot + "/engine.lock"
      guard let lock = try FileLock.attempt(on: path, within: FileLock.succession) else {
        throw EngineError(
          .conflict,
          "another engine is using \(configuration.dataRoot); give this one its own --data-root and --exec-root"
        )
      }
      self.lock = lock
    } catch let error as SystemError {
      throw EngineError(
        .failed,
        "\(error) (the engine must be able to write to its data root and exec root; run it as root or choose others with --data-root and --exec-root)"
      )
    } catch let error as EngineError {
      throw error
    } catch {
      throw EngineError(.failed, "\(error)")
    }
    store = try DesiredStore(path: configuration.dataRoot + "/cairn.db")
    machine = try await LocalMachine(configuration)
    information = EngineInformation(
      version: configuration.version, dataRoot: configuration.dataRoot, execRoot: configuration.execRoot,
      pid: machine.processID, kernelVersion: machine.kernelVersion, cgroups: machine.cgroupMode)
    autoscaler = Autoscaler(machine, store, logger)
    (births, birth) = AsyncStream.makeStream()
    for entry in try store.all() { _ = loop(for: entry.stack.name) }
  }

  /// Runs every loop until the task is cancelled. Containers go on after that.
  public func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.wakeOnChanges() }
      group.addTask { await self.machine.watchExits() }
      group.addTask { await self.machine.watchDirectories() }
      group.addTask { await self.machine.watchNetworks() }
      group.addTask { await self.machine.trash.run() }
      group.addTask {
        await self.autoscaler.run { stack, service, replicas, decision in
          self.autoscale(stack, service, from: replicas, decision)
        }
      }
      for await loop in births {
        group.addTask {
          await loop.run()
          self.state.withLock { state in
            if state.loops[loop.name] === loop { state.loops[loop.name] = nil }
          }
        }
        loop.wake()
      }
      group.cancelAll()
    }
    machine.stop()
  }

  /// Wakes the loop of a stack whenever something has happened to it or what it uses.
  private func wakeOnChanges() async {
    for await change in machine.changes {
      switch change {
      case .container(let id):
        guard let stack = machine.records.record(id)?.instance.slot.stack else { continue }
        state.withLock { $0.loops[stack] }?.wake()
      case .everything:
        for loop in state.withLock({ Array($0.loops.values) }) { loop.wake() }
      }
    }
  }

  // MARK: - Loops

  func loop(for name: String) -> StackLoop<LocalMachine> {
    let (loop, isNew) = state.withLock { state -> (StackLoop<LocalMachine>, Bool) in
      if let loop = state.loops[name] { return (loop, false) }
      let loop = StackLoop(name: name, machine: machine, store: store, logger: logger)
      state.loops[name] = loop
      return (loop, true)
    }
    if isNew { birth.yield(loop) }
    return loop
  }

  /// Has the stack's loop bring it to `revision`, and returns what it reports.
  func watch(
    _ name: String, revision: Int64, options: ApplyOptions = ApplyOptions(),
    aim: ProgressWatcher.Aim = .stack,
    pass: StackLoop<LocalMachine>.PassOptions = .init()
  ) -> AsyncStream<Progress> {
    let (stream, continuation) = AsyncStream<Progress>.makeStream()
    let number = state.withLock { state in
      state.watchers += 1
      return state.watchers
    }
    let watcher = ProgressWatcher(
      number: number, revision: revision, options: options, aim: aim,
      deadline: options.timeout.map { machine.now + $0 }, continuation: continuation)
    autoscaler.ring()
    // A loop that has just ended takes nothing; the next one made does.
    while !loop(for: name).take(watcher, pass) {
      state.withLock { $0.loops[name] = nil }
    }
    return stream
  }

  /// A stream that only says that it cannot be done.
  func refusal(_ problems: [String]) -> AsyncStream<Progress> {
    AsyncStream { continuation in
      continuation.yield(.finished(Progress.Outcome(isConverged: false, problems: problems)))
      continuation.finish()
    }
  }

  /// Keeps the stack as `body` makes it, and watches it become so.
  func change(
    _ name: String, grace: Span? = nil, aim: ProgressWatcher.Aim = .stack,
    _ body: (Stack) throws(ValueError) -> Stack
  ) -> AsyncStream<Progress> {
    do throws(EngineError) {
      let current = try stackNow(name)
      let next: Stack
      do throws(ValueError) { next = try body(current) } catch { throw EngineError(.invalid, "\(error)") }
      let revision = try store.save(next, at: machine.now)
      return watch(name, revision: revision, aim: aim, pass: .init(grace: grace))
    } catch {
      return refusal([error.message])
    }
  }

  private func stackNow(_ name: String) throws(EngineError) -> Stack {
    guard let entry = try store.entry(name), entry.leaving == nil else {
      throw EngineError(.notFound, "there is no stack named \(name); `cairn ls` lists those that are there")
    }
    return entry.stack
  }

  // MARK: - Stacks

  public func stacks() async throws(EngineError) -> [StackSummary] {
    var summaries: [StackSummary] = []
    for entry in try store.all() {
      let desired = entry.desired
      let observed = try await machine.observe(desired)
      let running = observed.containers.values.count {
        $0.isRunning && $0.spec.oneOffOf == nil
      }
      summaries.append(
        StackSummary(
          name: entry.stack.name, running: running, desired: desired.containers.count,
          files: entry.stack.files))
    }
    return summaries
  }

  public func stack(_ name: String) async throws(EngineError) -> Stack { try stackNow(name) }

  public func plan(_ stack: Stack, options: ApplyOptions) async throws(EngineError) -> Plan {
    let entry = try store.entry(stack.name)
    let desired = try asked(stack, options, over: entry?.stack).lowered(after: entry?.stack)
    var plan = Plan.make(
      from: try await machine.observe(desired), to: desired, now: machine.now,
      options: PlanOptions(removeOrphans: options.removesOrphans))
    if let kept = entry?.desired, !kept.watchedServices.isEmpty {
      plan.drift = Plan.make(from: try await machine.observe(kept), to: kept, now: machine.now).drift
    }
    return plan
  }

  public func drift(_ name: String) async throws(EngineError) -> [Drift] {
    machine.drifts.withLock { $0[name] ?? [] }
  }

  public func apply(_ stack: Stack, options: ApplyOptions) -> AsyncStream<Progress> {
    do throws(EngineError) {
      let entry = try store.entry(stack.name)
      let next = try asked(stack, options, over: entry?.leaving == nil ? entry?.stack : nil)
      let missing = try machine.missingImages(of: next)
      if !missing.isEmpty { return refusal(missing) }
      let revision = try store.save(next, at: machine.now)
      return watch(
        next.name, revision: revision, options: options,
        pass: .init(removesOrphans: options.removesOrphans))
    } catch {
      return refusal([error.message])
    }
  }

  /// The stack with what `up` asks for now.
  private func asked(_ stack: Stack, _ options: ApplyOptions, over previous: Stack?) throws(EngineError)
    -> Stack
  {
    do throws(ValueError) {
      let names = options.services.isEmpty ? nil : Set(options.services)
      let chosen = try names.map { names throws(ValueError) in try stack.selecting(names, over: previous) }
      return try (chosen ?? stack).succeeding(previous)
        .asking(
          for: names, at: machine.now, renewal: options.forcesRecreation,
          freshVolumes: options.renewsVolumes == true)
    } catch {
      throw EngineError(.invalid, "\(error)")
    }
  }

  public func takeDown(_ name: String, options: DownOptions) -> AsyncStream<Progress> {
    do throws(EngineError) {
      guard let entry = try store.entry(name) else {
        return AsyncStream { continuation in
          continuation.yield(.warning("no stack named \(name) is up"))
          continuation.yield(.finished(Progress.Outcome(isConverged: true)))
          continuation.finish()
        }
      }
      let revision = try store.save(
        entry.stack,
        leaving: DesiredStore.Leaving(removesVolumes: options.removesVolumes, timeout: options.timeout),
        at: machine.now)
      return watch(name, revision: revision)
    } catch {
      return refusal([error.message])
    }
  }

  public func scale(_ name: String, to replicas: [String: Int]) -> AsyncStream<Progress> {
    change(name) { stack throws(ValueError) in try stack.scaled(replicas) }
  }

  public func setStopped(_ stopped: Bool, stack name: String, services: [String], timeout: Span?)
    -> AsyncStream<Progress>
  {
    let names = services.isEmpty ? nil : Set(services)
    return change(name, grace: timeout) { [now = machine.now] stack throws(ValueError) in
      stopped ? try stack.stopping(names) : try stack.asking(for: names, at: now)
    }
  }

  public func restart(stack name: String, services: [String], timeout: Span?) -> AsyncStream<Progress> {
    let names = services.isEmpty ? nil : Set(services)
    return change(name, grace: timeout) { [now = machine.now] stack throws(ValueError) in
      try stack.asking(for: names, at: now, restart: true, withDependencies: false)
    }
  }
}
