internal import Containers
internal import EngineInterface
internal import Images
internal import Kernel
internal import Logging
internal import Networks
internal import Stacks

extension LocalMachine {
  /// Forgets a container that does not run, with all that belongs to it alone. What still runs of one
  /// that is not whole is killed. With `keepsVolumes` its volumes without a name are left to the next
  /// container of its slot.
  func remove(_ instance: Instance, keepsVolumes: Bool) async throws(EngineError) {
    guard let record = records.record(instance) else { return }
    do {
      if records.isWhole(record.id), case .running = status(of: record.id) {
        throw RuntimeError.running(id: record.id.description)
      }
      if keepsVolumes {
        // Before the record goes: who has none loses what is not left to anybody.
        try await kill(record.id)
        for (path, name) in record.anonymousVolumes {
          try volumes.leave(name, to: VolumeHeir(slot: instance.slot, path: path))
        }
      }
      try await discard(record.id, keepsVolumes: keepsVolumes)
    } catch {
      throw EngineError(.failed, "remove \(record.spec.name): \(error)")
    }
  }

  /// Takes away all that belongs to one container alone, whatever there is of it: from one that was
  /// half made to one that runs. What is not there is no error, so that it can be done again. With
  /// `keepsVolumes` its volumes without a name have been left to another.
  func discard(_ id: ContainerID, keepsVolumes: Bool = false) async throws {
    health.forget(id)
    try await kill(id)
    // Its log goes with its directory.
    try runtime.clear(id)
    try Files.removeTree(nameFolder(of: id))
    try cgroups(of: id).remove(id: id)
    let record = records.record(id)
    try records.forget(id)
    networks.release(id)
    ports.release(id)
    if let record {
      for name in record.anonymousVolumes.values where !keepsVolumes { try removeVolume(name) }
    } else {
      _ = try volumes.removeAnonymous(of: id)
    }
    try snapshots.remove(id)
    roots.free(id)
    trash.ring()
  }

  /// One that is not there is no error.
  func removeVolume(_ name: String) throws(ImageError) {
    do throws(ImageError) { try volumes.remove(name) } catch .noSuchVolume {}
  }

  /// Makes sure that nothing of the container runs any more.
  private func kill(_ id: ContainerID) async throws {
    switch status(of: id) {
    case .exited:
      if let record = records.record(id) { endStragglers(of: record) }
    // Without the shim's files there may still be processes.
    case .absent: try cgroups(of: id).kill(id: id)
    case .running, .lost:
      try cgroups(of: id).kill(id: id)
      try await runtime.end(id)
    }
  }

  /// Brings a container to its end whose shim was killed, or whose shim's files were removed: no
  /// process of it is left, and its end is on record. It does nothing to any other.
  func settleLoss(of id: ContainerID) async {
    do {
      switch status(of: id) {
      case .lost:
        try cgroups(of: id).kill(id: id)
        try await runtime.end(id)
        try runtime.recordLoss(of: id, at: now)
      case .absent:
        guard records.record(id)?.run.lastStart != nil else { return }
        try cgroups(of: id).kill(id: id)
        try cgroups(of: id).remove(id: id)
      case .running, .exited: return
      }
    } catch {
      logger.error("end the container \(id.short), whose parent is gone: \(error)")
    }
  }

  /// Wakes up the stack of a container of which somebody else has removed a directory; until the task
  /// is cancelled.
  func watchDirectories() async {
    do {
      let watch = try Inotify()
      let roots = [
        try watch.watch(removalsFrom: records.root): records.root,
        try watch.watch(removalsFrom: runtime.configuration.execRoot): runtime.configuration.execRoot,
      ]
      while !Task.isCancelled {
        try await Poller.shared.readable(watch.descriptor)
        for removal in try watch.removals() {
          guard let root = roots[removal.directory] else {
            for record in records.all() { tell(record.id) }
            continue
          }
          // What we remove ourselves has no record any more, or is there again.
          guard let id = ContainerID(removal.name), records.record(id) != nil,
            !Files.exists(root + "/" + removal.name)
          else { continue }
          tell(id)
        }
      }
    } catch {
      if Task.isCancelled { return }
      logger.error(
        "watch the directories of containers: \(error); one that is removed by hand is noticed late")
    }
  }
}
