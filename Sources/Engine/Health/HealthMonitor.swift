package import Stacks
internal import Synchronization

/// Runs the health checks of running containers, one task each, and tells when a verdict changes.
package final class HealthMonitor: Sendable {
  /// Runs one probe to its end or its timeout.
  package typealias Probe = @Sendable (ContainerID, Healthcheck) async -> HealthRecord.Result

  private let probe: Probe
  private let now: @Sendable () -> Moment
  /// Keeps the record where the next engine finds it.
  private let keep: @Sendable (ContainerID, HealthRecord) -> Void
  private let changed: @Sendable (ContainerID) -> Void
  private let watched = Mutex<[ContainerID: Watched]>([:])

  private struct Watched {
    var record: HealthRecord
    var task: Task<Void, Never>
  }

  package init(
    now: @escaping @Sendable () -> Moment, probe: @escaping Probe,
    keep: @escaping @Sendable (ContainerID, HealthRecord) -> Void,
    changed: @escaping @Sendable (ContainerID) -> Void
  ) {
    self.now = now
    self.probe = probe
    self.keep = keep
    self.changed = changed
  }

  /// What is known of a container; nil where it is not watched.
  package func record(of id: ContainerID) -> HealthRecord? { watched.withLock { $0[id]?.record } }

  /// Begins to check a container that was started at `startedAt`; `known` is what an earlier engine
  /// had found out about this very start. A second call for the same start changes nothing.
  package func watch(
    _ id: ContainerID, _ check: Healthcheck, startedAt: Moment, known: HealthRecord? = nil
  ) {
    let begin = known?.startedAt == startedAt ? known! : HealthRecord(startedAt: startedAt)
    watched.withLock { watched in
      if let old = watched[id] {
        if old.record.startedAt == startedAt { return }
        old.task.cancel()
      }
      // One unstructured task per container: it lives as long as the container runs, and `forget`
      // cancels it.
      let task = Task { await self.run(id, check) }
      watched[id] = Watched(record: begin, task: task)
    }
  }

  package func forget(_ id: ContainerID) {
    let old = watched.withLock { $0.removeValue(forKey: id) }
    old?.task.cancel()
  }

  /// Ends every check.
  package func stop() {
    let all = watched.withLock { watched in
      defer { watched = [:] }
      return Array(watched.values)
    }
    for one in all { one.task.cancel() }
  }

  private func run(_ id: ContainerID, _ check: Healthcheck) async {
    while let record = record(of: id) {
      let pause = max(record.pause(at: now(), check: check), .milliseconds(1))
      guard (try? await Task.sleep(for: .nanoseconds(pause.nanoseconds))) != nil else { return }
      let result = await probe(id, check)
      if Task.isCancelled { return }
      let (old, new) = watched.withLock { watched -> (HealthRecord?, HealthRecord?) in
        guard let old = watched[id]?.record, old.startedAt == record.startedAt else { return (nil, nil) }
        let new = old.after(result, at: now(), check: check)
        watched[id]?.record = new
        return (old, new)
      }
      guard let old, let new else { return }
      if old != new { keep(id, new) }
      if old.health != new.health { changed(id) }
    }
  }
}
