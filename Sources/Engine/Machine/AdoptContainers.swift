internal import Containers
internal import Images
internal import Kernel
internal import Logging
internal import Networks
internal import Stacks
internal import Synchronization

extension LocalMachine {
  /// Takes over what an earlier engine left: addresses, ports and health checks of every recorded
  /// container; and sweeps away what a crash cut short. Restarts none.
  func adopt() async throws(EngineError) {
    for id in records.unrecorded() { sweep(id) }
    do {
      for id in try runtime.adopt() where records.record(id) == nil { sweep(id) }
      for id in try cgroups.list() where records.record(id) == nil { sweep(id) }
    } catch {
      logger.warning("look for what an earlier engine left: \(error)")
    }
    for stack in Set(try records.all().map(\.instance.slot.stack)) {
      let observed = try await observe(.nothing(of: stack))
      seen.withLock { $0[stack] = observed }
    }
    for record in try records.all() {
      do {
        try networks.adopt(record.addresses, of: record.id)
        _ = try reserve(record.spec, record.id, chosen: record.ports)
      } catch {
        logger.warning("adopt \(record.spec.name): \(error)")
      }
      guard case .running = status(of: record.id) else { continue }
      if let settings = try? ProcessSettings(record.spec.template, image(record.image).defaults) {
        watchHealth(of: record, settings)
      }
    }
  }

  /// Removes a container that has no record: its creation or its removal was cut short.
  private func sweep(_ id: ContainerID) {
    do {
      try? cgroups.kill(id: id)
      try runtime.remove(id)
      try Files.removeTree(nameFolder(of: id))
      try cgroups.remove(id: id)
      _ = try volumes.removeAnonymous(of: id)
      try snapshots.remove(id)
      trash.ring()
    } catch {
      logger.warning("sweep away what is left of the container \(id.short): \(error)")
    }
  }
}
