internal import Containers
internal import EngineInterface
internal import Images
internal import Kernel
internal import Logging
internal import Networks
internal import Stacks
internal import Synchronization

/// This machine: its kernel, and what the engine keeps on its disk.
///
/// It carries out steps and says what is there; what is to be done is the planner's to say. Each
/// step is in a file of its own beside this one.
final class LocalMachine: Machine {
  let records: ContainerRecords
  let images: ImageStore
  let snapshots: Snapshots
  let volumes: VolumeStore
  let networks: HostNetworks
  let ports: PortReservations
  let cgroups: Cgroups
  let seccomp: SeccompFilters
  let runtime: ContainerRuntime
  let trash: TrashCollector
  /// Of containers that are being removed.
  let roots = HeldRoots()
  private let lastWork = LastWork()
  let waiters = ExitWaiters()
  /// The passes that wait for the end of what they stop.
  let stops = ExitWaiters()
  let events = EventLog()
  let attachments = AttachDesk()
  let execRoot: String
  let logger: Logger
  /// Something has happened. It carries no more than whom it concerns.
  let changes: AsyncStream<Change>
  private let change: AsyncStream<Change>.Continuation
  /// What never changes under its digest: an image's configuration and layers.
  private let known = Mutex<[Digest: KnownImage]>([:])
  /// Every stack as it was last seen: what is published is one whole for all of them.
  let seen = Mutex<[String: Seen]>([:])
  /// By stack, as its last pass found it.
  let drifts = Mutex<[String: [Drift]]>([:])
  /// The containers whose hooks before the stop are run by this engine.
  let hooked = Mutex<Set<ContainerID>>([])
  private let monitor = Mutex<HealthMonitor?>(nil)

  enum Change: Sendable {
    case container(ContainerID)
    /// It may concern every stack.
    case everything
  }

  /// A stack as it was last seen, and those of its containers that get no new connections.
  struct Seen: Sendable {
    var observed: ObservedState
    var unrouted: Set<ContainerID>
  }

  struct KnownImage: Sendable {
    var defaults: ImageDefaults
    /// `OS/ARCHITECTURE`.
    var platform: String
    var layers: [String]
  }

  /// Opens everything below both roots and adopts the containers that run.
  init(_ configuration: CairnEngine.Configuration) async throws(EngineError) {
    let data = configuration.dataRoot
    let exec = configuration.execRoot
    logger = configuration.logger
    execRoot = exec
    (changes, change) = AsyncStream.makeStream()
    records = try ContainerRecords(root: data + "/containers")
    do {
      images = try ImageStore(root: data + "/images")
      snapshots = try Snapshots(root: data + "/containers")
      volumes = try VolumeStore(root: data + "/volumes")
      networks = try HostNetworks(stateDirectory: data + "/networks")
      ports = PortReservations()
      cgroups = try Cgroups(parent: LocalMachine.cgroupParent(exec))
      seccomp = SeccompFilters(directory: data + "/seccomp")
      trash = TrashCollector(snapshots, volumes, roots, after: lastWork, logger)
      runtime = try ContainerRuntime(
        configuration: .init(
          execRoot: exec + "/containers", dataRoot: data + "/containers", shimPath: configuration.shimPath))
    } catch {
      throw EngineError(.failed, "start the engine: \(error)")
    }
    monitor.withLock { $0 = makeMonitor() }
    try await adopt()
  }

  var now: Moment { Moment(nanoseconds: WallClock.nanoseconds) }

  var health: HealthMonitor { monitor.withLock { $0! } }

  var processID: Int32 { ProcessLimits.processID }
  var kernelVersion: String { ProcessLimits.kernelRelease }
  var cgroupMode: String {
    switch cgroups.hierarchy.mode {
    case .version1: "v1"
    case .version2: "v2"
    case .hybrid: "hybrid"
    }
  }

  /// `cairn` for the engine of the machine; for one with its own exec root a name of its own, so
  /// that engines side by side, as in tests, never touch each other's groups.
  private static func cgroupParent(_ execRoot: String) -> String {
    if execRoot == "/run/cairn" { return "cairn" }
    var hash: UInt32 = 2_166_136_261
    for byte in execRoot.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let digits = String(hash, radix: 16)
    return "cairn-" + String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// Tells those who wait, and the loops, of every end; until the task is cancelled. A loop whose pass
  /// waits for just this end goes on by itself.
  func watchExits() async {
    await withDiscardingTaskGroup { group in
      for await id in runtime.exits() {
        switch status(of: id) {
        // Its successor runs already; what has ended is a shim that had lost its directory.
        case .running: tell(id)
        case .exited, .absent:
          if let record = records.record(id) { endStragglers(of: record) }
          tellEnd(of: id)
        case .lost:
          group.addTask {
            await self.settleLoss(of: id)
            self.tellEnd(of: id)
          }
        }
      }
    }
  }

  private func tellEnd(of id: ContainerID) {
    // Before anybody goes on and removes it.
    noteEnd(of: id)
    let isAwaited = stops.tell(id)
    waiters.tell(id)
    health.forget(id)
    if !isAwaited { tell(id) }
  }

  /// With process 1 of its own namespace all processes of a container end. In another's they would stay: they
  /// are ended here.
  func endStragglers(of record: ContainerRecord) {
    guard record.spec.template.sharing.processes != .own else { return }
    if case .running = status(of: record.id) { return }
    do throws(CgroupError) {
      try cgroups(of: record.id).kill(id: record.id)
    } catch {
      logger.warning("end what is left of \(record.spec.name): \(error)")
    }
  }

  /// The cgroups among which the container's is.
  func cgroups(of id: ContainerID) throws(CgroupError) -> Cgroups {
    guard let record = records.record(id) else { return cgroups.holding(id) }
    return try cgroups.below(record.spec.template.resources.cgroupParent)
  }

  /// Where the container is. What cannot be read counts as never started: the next look decides.
  func status(of id: ContainerID) -> RuntimeStatus {
    do throws(RuntimeError) {
      return try runtime.status(of: id)
    } catch {
      logger.error("look at the container \(id.short): \(error)")
      return .absent
    }
  }

  /// Somebody should look at the container's stack.
  func tell(_ id: ContainerID) { change.yield(.container(id)) }

  /// Somebody should look at every stack.
  func tellAll() { change.yield(.everything) }

  /// Ends what the engine does by itself; containers go on.
  func stop() {
    health.stop()
    change.finish()
    events.close()
    networks.close()
    // It stays where containers of ours still run.
    try? cgroups.removeParent()
  }

  func image(_ digest: Digest) throws(EngineError) -> KnownImage {
    if let image = known.withLock({ $0[digest] }) { return image }
    do throws(ImageError) {
      let config = try images.config(of: digest)
      let image = KnownImage(
        defaults: config.defaults, platform: "\(config.os)/\(config.architecture)",
        layers: try images.layers(of: digest))
      known.withLock { $0[digest] = image }
      return image
    } catch {
      throw EngineError(.failed, "\(error)")
    }
  }

  /// Forgets what is known of images that may be gone.
  func forgetImages() { known.withLock { $0 = [:] } }

  /// One line for each service and job whose image is not stored.
  func missingImages(of stack: Stack) throws(EngineError) -> [String] {
    let stored: [ImageReference: Digest]
    do throws(ImageError) { stored = try images.references() } catch {
      throw EngineError(.failed, "\(error)")
    }
    let templates =
      stack.services.filter { $0.value.replicas > 0 }.map { ("service \($0.key)", $0.value.template) }
      + stack.jobs.map { ("job \($0.key)", $0.value.template) }
    var missing: [String] = []
    for (what, template) in templates.sorted(by: { $0.0 < $1.0 }) {
      for image in template.images where stored[image] == nil {
        if image.digest != nil, (try? images.resolve(image)) ?? nil != nil { continue }
        missing.append(
          "\(what): the image \(image) is not stored; import it with `cairn image import ROOTFS.tar \(image)`, or correct the name (`cairn image ls` lists those that are)"
        )
      }
    }
    return missing
  }

  func perform(_ action: Action, of stack: String) async throws(EngineError) {
    lastWork.note()
    defer { lastWork.note() }
    let before = subject(of: action)
    try await carryOut(action, of: stack)
    note(action, of: stack, before)
  }

  private func carryOut(_ action: Action, of stack: String) async throws(EngineError) {
    switch action {
    case .createNetwork(let key, let definition): try createNetwork(key, definition, stack: stack)
    case .removeNetwork(let name):
      do throws(NetworkError) { try networks.remove(name) } catch { throw EngineError(.failed, "\(error)") }
    case .createVolume(_, let definition): try createVolume(definition, stack: stack)
    case .removeVolume(let name):
      do throws(ImageError) {
        try removeVolume(name)
        try volumes.sweep()
      } catch { throw EngineError(.failed, "\(error)") }
    case .create(let instance, let spec, let image): try await create(instance, spec, image)
    case .start(let instance): try await start(instance)
    case .stop(let instance, let signal, let grace, let cause):
      try stop(instance, signal, grace, cause)
    case .remove(let instance, let keepsVolumes): try await remove(instance, keepsVolumes: keepsVolumes)
    case .update(let instance, let spec): try await update(instance, spec)
    }
  }
}
