internal import Containers
internal import EngineInterface
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
    for id in records.unrecorded() { await sweep(id) }
    do {
      for id in try runtime.adopt() where records.record(id) == nil { await sweep(id) }
      for id in try cgroups.list() where records.record(id) == nil { await sweep(id) }
    } catch {
      logger.warning("look for what an earlier engine left: \(error)")
    }
    let all = records.all()
    for record in all { await settleLoss(of: record.id) }
    for stack in Set(all.map(\.instance.slot.stack)) {
      let observed = try await observe(.nothing(of: stack))
      seen.withLock { $0[stack] = Seen(observed: observed, unrouted: []) }
    }
    for record in all {
      do {
        try networks.adopt(record.addresses, record.addresses6 ?? [:], of: record.id)
        networks.setServers(record.spec.template.naming.servers, of: record.id)
        networks.setLinks(record.spec.template.naming.links, of: record.id)
        _ = try reserve(record.spec, record.id, hasIPv6: record.hasIPv6, chosen: record.ports)
      } catch {
        logger.warning("adopt \(record.spec.name): \(error)")
      }
      endStragglers(of: record)
      guard case .running = status(of: record.id) else { continue }
      if let settings = try? ProcessSettings(record.spec.template, image(record.image).defaults) {
        watchHealth(of: record, settings)
      }
    }
  }

  /// Removes a container that has no record: its creation or its removal was cut short.
  private func sweep(_ id: ContainerID) async {
    do {
      try await discard(id)
    } catch {
      logger.warning("sweep away what is left of the container \(id.short): \(error)")
    }
  }
}
