internal import Containers
internal import EngineInterface
internal import Images
internal import Kernel
internal import Logging
internal import Networks
internal import Stacks
internal import Synchronization

extension LocalMachine {
  func observe(_ desired: DesiredState) async throws(EngineError) -> ObservedState {
    var observed = ObservedState(stack: desired.stack)
    let all = records.all()
    let view: NetworkView
    do throws(NetworkError) { view = try networks.look() } catch {
      throw EngineError(.failed, "observe the stack \(desired.stack): \(error)")
    }
    var users: [String: Set<String>] = [:]
    var volumeUsers: [String: Set<String>] = [:]
    // Of use only where there are other stacks.
    lazy var wantedNames = Set(desired.containers.values.map(\.name))
      .union(desired.oneOffs.values.map(\.spec.name))
    for record in all {
      if record.instance.slot.stack == desired.stack {
        observed.containers[record.id] = self.observed(record, view)
      } else {
        if wantedNames.contains(record.spec.name) {
          observed.otherNames[record.spec.name] = "stack \(record.instance.slot.stack)"
        }
        for network in record.addresses.keys { users[network, default: []].insert(record.spec.name) }
        for key in record.spec.volumeKeys {
          volumeUsers[record.spec.volumeName(key), default: []].insert(record.spec.name)
        }
      }
    }
    let networkNames = Set(desired.networks.values.map(\.name))
    let volumeNames = Set(desired.volumes.values.map(\.name))
    do {
      for var network in view.networks
      where network.stack == desired.stack || networkNames.contains(network.name) {
        network.otherUsers = users[network.name, default: []].sorted()
        observed.networks[network.name] = network
      }
      for var volume in try volumes.observe()
      where volume.stack == desired.stack || volumeNames.contains(volume.name) {
        volume.otherUsers = volumeUsers[volume.name, default: []].sorted()
        observed.volumes[volume.name] = volume
      }
      let wanted = images(of: desired)
      if !wanted.isEmpty {
        let stored = try images.references()
        for name in wanted {
          observed.images[name] = try stored[name] ?? (name.digest == nil ? nil : images.resolve(name))
        }
      }
    } catch {
      throw EngineError(.failed, "observe the stack \(desired.stack): \(error)")
    }
    return observed
  }

  /// The images that are wanted. Replicas share a template, which is asked once.
  private func images(of desired: DesiredState) -> Set<ImageReference> {
    var wanted: Set<ImageReference> = []
    var last: Boxed<ContainerTemplate>?
    for spec in Array(desired.containers.values) + desired.oneOffs.values.map(\.spec) {
      if let last, spec.boxed.isSame(as: last) { continue }
      last = spec.boxed
      wanted.formUnion(spec.template.images)
    }
    return wanted
  }

  /// The container as it is: its record, and its state from the kernel and its shim. `view` nil: it is
  /// of no matter which links it has.
  func observed(_ record: ContainerRecord, _ view: NetworkView? = nil) -> ObservedContainer {
    var container = ObservedContainer(
      id: record.id, instance: record.instance, spec: record.spec, image: record.image,
      mountedImages: record.mountedImages ?? [:], createdAt: record.createdAt, addresses: record.addresses,
      addresses6: record.addresses6 ?? [:], hasAnonymousVolumes: !record.anonymousVolumes.isEmpty,
      ports: record.ports,
      recentStarts: record.run.recentStarts, firstRun: record.run.firstRun, state: state(of: record))
    if case .running(let running) = container.state, let view {
      let lost = record.addresses.keys.filter { !view.isAttached(record.id, to: $0) }
      // The namespaces of a process that ends go before its shim can tell of it, and the links with them.
      if !lost.isEmpty, (try? Files.readLink("/proc/\(running.pid)/ns/net")) != nil {
        container.lostNetworks = Set(lost)
      }
    }
    return container
  }

  func state(of record: ContainerRecord) -> ContainerState {
    if !records.isWhole(record.id) {
      return .broken(reason: "its directory \(records.directory(of: record.id)) was removed")
    }
    if let failure = record.run.startFailure {
      return .exited(
        ended(record, failure.code, record.run.lastStart ?? failure.at, failure.at, failure: failure.message))
    }
    switch status(of: record.id) {
    case .running(let pid, let startedAt):
      let health = health.record(of: record.id)
      return .running(
        .init(
          pid: pid, startedAt: startedAt, health: health?.health ?? .none, healthSince: health?.since,
          stopping: record.run.stop))
    case .exited(let exit): return .exited(ended(record, exit.code, exit.startedAt, exit.finishedAt))
    // Its parent was killed, and it dies: nobody sees how it ends.
    case .lost(let startedAt): return .exited(ended(record, 137, startedAt, startedAt))
    case .absent:
      guard let start = record.run.lastStart else { return .created }
      // Started before the machine was, or its run-time directory was removed: nothing is known of it
      // but the record.
      return .exited(ended(record, 137, start, start))
    }
  }

  private func ended(
    _ record: ContainerRecord, _ code: Int32, _ startedAt: Moment, _ finishedAt: Moment,
    failure: String? = nil
  ) -> ContainerState.Exited {
    .init(
      code: code, startedAt: startedAt, finishedAt: finishedAt,
      wasOutOfMemory: failure == nil && endedOutOfMemory(record),
      wasStopped: record.run.stop.map { $0.cause != .unhealthy } ?? false,
      wasUnhealthy: record.run.stop?.cause == .unhealthy, startFailure: failure)
  }

  /// Whether the kernel killed a process of the ended container for want of memory. Its cgroup
  /// outlives it for this question.
  private func endedOutOfMemory(_ record: ContainerRecord) -> Bool {
    ((try? cgroups(of: record.id).oomKills(of: record.id)) ?? 0) > 0
  }

  /// Publishes the ports and names of what runs, of every stack as it was last seen.
  func route(_ observed: ObservedState, without unrouted: Set<ContainerID>) async throws(EngineError) {
    let all = seen.withLock { seen in
      seen[observed.stack] =
        observed.containers.isEmpty ? nil : Seen(observed: observed, unrouted: unrouted)
      return Array(seen.values)
    }
    let routing = Routing.make(
      from: all.map(\.observed), without: all.reduce(into: []) { $0.formUnion($1.unrouted) })
    for conflict in routing.conflicts { logger.warning("\(conflict)") }
    do throws(NetworkError) {
      try networks.set(routing)
    } catch {
      throw EngineError(.failed, "publish the ports and names of \(observed.stack): \(error)")
    }
  }

  func summary(of record: ContainerRecord) -> ContainerSummary {
    let settings = try? ProcessSettings(record.spec.template, image(record.image).defaults)
    return ContainerSummary(
      name: record.spec.name, container: observed(record), command: settings?.arguments ?? [],
      templateHash: records.templateHash(of: record))
  }
}
