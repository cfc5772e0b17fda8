internal import Containers
internal import EngineInterface
internal import Images
internal import Logging
internal import Networks
internal import Stacks
internal import Synchronization

extension LocalMachine {
  /// Asks a container to end, and records until when it may take. One that was asked before is not
  /// asked again, and its time counts from then. Does not wait: `awaitStop` does.
  func stop(_ instance: Instance, _ signal: String?, _ grace: Span, _ cause: StopCause) throws(EngineError) {
    guard let record = records.record(instance) else { return }
    let since = record.run.stop?.since ?? now
    let stop = ContainerState.Stopping(since: since, killAt: since + grace, cause: cause)
    let hasHooks = !record.spec.template.preStop.isEmpty
    if record.run.stop != stop {
      // What is killed at once and then removed leaves nothing that an engine after this one had to know;
      // and the file would be on its way to the disk when the container's file system is unmounted, which
      // waits for it.
      let isWritten = cause != .removal || grace > .zero
      try records.changeRun(of: record.id, isWritten: isWritten) {
        $0.stop = stop
        if record.run.stop == nil, hasHooks { $0.awaitsSignal = true }
      }
    }
    health.forget(record.id)
    if cause == .removal, case .running(let process, _) = status(of: record.id) {
      roots.hold(record.id, process: process)
    }
    // An engine that died while it ran the hooks left the signal to this one.
    let isLeft = record.run.awaitsSignal == true && !hooked.withLock { $0.contains(record.id) }
    guard record.run.stop == nil || isLeft, grace > .zero, case .running = status(of: record.id) else {
      return
    }
    let defaults = try image(record.image).defaults
    let number: Int32
    do {
      number = try SignalNumber.parse(
        signal ?? record.spec.template.stopSignal ?? defaults.stopSignal ?? "SIGTERM")
    } catch {
      throw EngineError(.failed, "stop \(record.spec.name): \(error)")
    }
    if isLeft || !hasHooks { return try ask(record, number) }
    hooked.withLock { _ = $0.insert(record.id) }
    // A task of its own, since nobody waits here: the hooks have their part of the grace period, after which
    // `awaitStop` kills whatever became of them and of this engine.
    Task { [self] in
      await runBeforeStop(record, within: grace)
      do throws(EngineError) { try ask(record, number) } catch { logger.warning("\(error)") }
      hooked.withLock { _ = $0.remove(record.id) }
    }
  }

  private func ask(_ record: ContainerRecord, _ signal: Int32) throws(EngineError) {
    do throws(RuntimeError) {
      try runtime.signal(signal, to: record.id)
    } catch {
      // It may have ended by itself meanwhile.
      if case .notRunning = error { return }
      throw EngineError(.failed, "stop \(record.spec.name): \(error)")
    }
    if records.record(record.instance)?.run.awaitsSignal == true {
      try records.changeRun(of: record.id) { $0.awaitsSignal = nil }
    }
  }

  func awaitStop(_ instance: Instance, _ patience: Patience) async throws(EngineError) -> Bool {
    guard let record = records.record(instance), let stop = record.run.stop else { return true }
    guard case .running = status(of: record.id) else { return true }
    let left = stop.killAt - now
    if left > .zero {
      switch await end(of: record.id, within: left, patience) {
      case .ended: return true
      case .impatient: return false
      case .late: break
      }
    }
    // The kernel takes the whole PID namespace along with its process 1, which is quicker than to find
    // and kill each; that is done where it does not help. Its parent has the last word on whether it is
    // gone.
    let ways: [(Span, () throws -> Void)] = [
      (.seconds(2), { try? self.runtime.signal(9, to: record.id) }),
      (.seconds(8), { try self.cgroups(of: record.id).kill(id: record.id) }),
    ]
    for (span, kill) in ways {
      do { try kill() } catch { throw EngineError(.failed, "stop \(record.spec.name): \(error)") }
      switch await end(of: record.id, within: span, Patience()) {
      case .ended: return true
      case .impatient: return false
      case .late: continue
      }
    }
    throw EngineError(
      .failed,
      "stop \(record.spec.name): it is still there 10 s after SIGKILL; a process in uninterruptible sleep (state D in `ps`) cannot be killed"
    )
  }

  private enum StopWait { case ended, late, impatient }

  /// Waits for the container's end, for `span` at most, and no longer than there is patience.
  private func end(of id: ContainerID, within span: Span, _ patience: Patience) async -> StopWait {
    await withTaskGroup(of: StopWait.self) { group in
      group.addTask { [self] in
        await stops.wait(for: id) { if case .running = status(of: id) { false } else { true } }
        return Task.isCancelled ? .impatient : .ended
      }
      group.addTask {
        // A pass that is cancelled kills nothing before its time.
        do { try await Task.sleep(for: .nanoseconds(span.nanoseconds)) } catch { return .impatient }
        return .late
      }
      group.addTask {
        await patience.wait()
        return .impatient
      }
      let first = await group.next() ?? .impatient
      group.cancelAll()
      return first
    }
  }

  private func waitForEnd(of id: ContainerID) async {
    await waiters.wait(for: id) { if case .running = status(of: id) { false } else { true } }
  }

  func kill(_ id: ContainerID, signal: String) async throws(EngineError) {
    guard let record = records.record(id) else {
      throw EngineError(.notFound, "No such container: \(id.short)")
    }
    do {
      let number = try SignalNumber.parse(signal)
      try runtime.signal(number, to: id)
      note(.kill, record, signal: number)
    } catch {
      throw EngineError(.conflict, "kill \(record.spec.name): \(error)")
    }
  }

  func wait(_ id: ContainerID) async throws(EngineError) -> Int32 {
    guard records.record(id) != nil else { throw EngineError(.notFound, "No such container: \(id.short)") }
    await waitForEnd(of: id)
    guard let record = records.record(id), case .exited(let exited) = state(of: record) else { return 0 }
    return exited.code
  }

  /// Changes what can be changed while it runs: limits, ports, and what the engine itself looks at.
  func update(_ instance: Instance, _ spec: ContainerSpec) async throws(EngineError) {
    guard var record = records.record(instance) else {
      throw EngineError(.failed, "update \(spec.name): it was removed meanwhile")
    }
    do {
      if case .running = status(of: record.id) {
        try cgroups(of: record.id).update(id: record.id, resources: spec.template.resources)
      }
      if spec.template.ports != record.spec.template.ports {
        let before = record.ports
        ports.release(record.id)
        do {
          record.ports = try reserve(spec, record.id, hasIPv6: record.hasIPv6, chosen: before)
        } catch {
          ports.release(record.id)
          _ = try reserve(record.spec, record.id, hasIPv6: record.hasIPv6, chosen: before)
          throw error
        }
      }
      record.spec = spec
      try records.save(record)
      if case .running = status(of: record.id) {
        health.forget(record.id)
        watchHealth(of: record, try ProcessSettings(spec.template, image(record.image).defaults))
        try mendLinks(of: record)
      }
    } catch {
      throw EngineError(.failed, "update \(spec.name): \(error)")
    }
  }
}
