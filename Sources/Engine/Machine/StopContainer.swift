internal import Containers
internal import Images
internal import Networks
internal import Stacks

extension LocalMachine {
  /// Asks a container to end, and kills it when the grace period is over.
  func stop(_ instance: Instance, _ signal: String?, _ grace: Span) async throws(EngineError) {
    guard let record = records.record(instance) else { return }
    try records.change(record.id) { $0.wasStopped = true }
    health.forget(record.id)
    guard case .running = status(of: record.id) else { return }
    let defaults = try image(record.image).defaults
    let name = signal ?? record.spec.template.stopSignal ?? defaults.stopSignal ?? "SIGTERM"
    do {
      if grace > .zero {
        try runtime.signal(SignalNumber.parse(name), to: record.id)
        if await ended(record.id, within: grace) { return }
      }
      try cgroups.kill(id: record.id)
      // Its parent has the last word on whether it is gone.
      guard await ended(record.id, within: .seconds(10)) else {
        throw EngineError(
          .failed,
          "stop \(record.spec.name): it is still there 10 s after SIGKILL; a process in uninterruptible sleep (state D in `ps`) cannot be killed"
        )
      }
    } catch let error as EngineError {
      throw error
    } catch {
      throw EngineError(.failed, "stop \(record.spec.name): \(error)")
    }
  }

  /// Waits for the container's end; false where the time was up first.
  private func ended(_ id: ContainerID, within span: Span) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask { [self] in
        await waitForEnd(of: id)
        return true
      }
      group.addTask {
        try? await Task.sleep(for: .nanoseconds(span.nanoseconds))
        return false
      }
      let first = await group.next() ?? false
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
        try cgroups.update(id: record.id, resources: spec.template.resources)
      }
      if spec.template.ports != record.spec.template.ports {
        let before = record.ports
        ports.release(record.id)
        do {
          record.ports = try reserve(spec, record.id, chosen: before)
        } catch {
          ports.release(record.id)
          _ = try reserve(record.spec, record.id, chosen: before)
          throw error
        }
      }
      record.spec = spec
      try records.save(record)
      if case .running = status(of: record.id) {
        health.forget(record.id)
        watchHealth(of: record, try ProcessSettings(spec.template, image(record.image).defaults))
      }
    } catch {
      throw EngineError(.failed, "update \(spec.name): \(error)")
    }
  }
}
