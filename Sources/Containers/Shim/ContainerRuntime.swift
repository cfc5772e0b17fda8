public import Kernel
public import Stacks
internal import Synchronization

/// The core runtime: starts containers, each under a shim of its own, and finds them again.
///
/// It remembers nothing about a container that it would not see to be out of date. What is true is on disk
/// (what the shims wrote) and in the kernel, so an engine that was killed and started again sees the same as
/// before.
///
/// Layout: `EXECROOT/ID/` has the shim's `state`, `exit` and `attach` socket, `DATAROOT/ID/log` the
/// output. Both are for root only (rule R10).
public final class ContainerRuntime: Sendable {
  public struct Configuration: Hashable, Sendable {
    /// A directory that does not outlive a boot, such as `/run/cairn/containers`.
    public var execRoot: String
    /// Where logs are kept, such as `/var/lib/cairn/containers`. Others may keep more in a container's
    /// directory there.
    public var dataRoot: String
    /// The program `cairn-shim`.
    public var shimPath: String

    public init(execRoot: String, dataRoot: String, shimPath: String) {
      self.execRoot = execRoot
      self.dataRoot = dataRoot
      self.shimPath = shimPath
    }
  }

  public let configuration: Configuration
  /// Of the shim as a sealed copy in memory: no container can change it (rule R7).
  let shims: ShimServer
  let null: Descriptor
  let hierarchies: [CgroupMount]
  let exitWatch = ExitWatch()
  /// The ends that were read, each with the version of the file that it was read from.
  let ended = Mutex<[ContainerID: (stamp: HostFile.Stamp, record: ExitRecord)]>([:])
  let poller = Poller.shared

  public init(configuration: Configuration) throws(RuntimeError) {
    self.configuration = configuration
    do throws(SystemError) {
      try Files.makeDirectories(configuration.execRoot)
      try Files.makeDirectories(configuration.dataRoot)
      shims = ShimServer(try MemFD.sealedProgram(configuration.shimPath))
      null = try Spawn.null()
      hierarchies = CgroupMount.all(mountInfo: try Files.readText("/proc/self/mountinfo"))
    } catch {
      throw RuntimeError(error)
    }
  }

  /// A wake-up for each container that has ended (or whose shim has). It tells nothing: ask `status`.
  /// Wake-ups that nobody has taken yet are kept.
  public func exits() -> AsyncStream<ContainerID> { exitWatch.stream() }

  /// Finds the containers that an earlier engine left, and watches those that run. Call it once, after
  /// `exits()`.
  public func adopt() throws(RuntimeError) -> [ContainerID] {
    let names = try attempt { () throws(SystemError) in try Files.list(configuration.execRoot) }
    var found: [ContainerID] = []
    for id in names.compactMap({ ContainerID($0) }) {
      found.append(id)
      guard let state = try state(of: id) else { continue }
      let shim = try attempt { () throws(SystemError) in
        try PidFD(state.shim)
      }
      if let shim { exitWatch.watch(id, shim, isAdopted: true) }
    }
    return found
  }

  /// Kills process 1 of a container, and returns when its shim, or where that is gone the process, has
  /// ended.
  public func end(_ id: ContainerID) async throws(RuntimeError) {
    let process = try process(of: id)
    let shim = try shim(of: id)
    try attempt { () throws(SystemError) in
      do throws(SystemError) { try process?.send(9) } catch {
        guard error.isNoSuchProcess else { throw error }
      }
    }
    guard let last = shim ?? process else { return }
    try await waiting { () async throws(SystemError) in try await poller.readable(last.descriptor) }
  }

  /// The network namespace of a container that runs; nil: it has ended.
  public func networkNamespace(of id: ContainerID) throws(RuntimeError) -> NetworkNamespace? {
    guard let state = try state(of: id) else { return nil }
    do throws(SystemError) {
      let namespace = try NetworkNamespace(ofProcess: state.process.number)
      // Looked at after it was opened: the number may have come to mean another process.
      return state.process.isRunning ? namespace : nil
    } catch {
      if error.isNotFound || error.isNoSuchProcess { return nil }
      throw RuntimeError(error)
    }
  }

  /// Records the end of a container whose shim was killed: nobody saw how it ended, so it counts as
  /// killed (137), at the moment at which that was found out.
  public func recordLoss(of id: ContainerID, at moment: Moment) throws(RuntimeError) {
    guard case .lost(let startedAt) = try status(of: id) else { return }
    let record = ExitRecord(code: 137, signal: 9, startedAt: startedAt, finishedAt: max(startedAt, moment))
    try attempt { () throws(SystemError) in
      try Files.replace(directory(of: id) + "/" + ShimProtocol.exitFile, with: record.text.utf8)
      try Files.remove(directory(of: id) + "/" + ShimProtocol.socket)
    }
  }

  /// Removes the run-time directory of a container that does not run; its log stays. A process that a
  /// killed shim left is killed. What is not there is no error.
  public func clear(_ id: ContainerID) throws(RuntimeError) {
    let status = try status(of: id)
    if case .running = status { throw .running(id: id.description) }
    if case .lost = status, let process = try process(of: id) {
      try attempt { () throws(SystemError) in try process.send(9) }
    }
    try attempt { () throws(SystemError) in try Files.removeTree(directory(of: id)) }
    ended.withLock { $0[id] = nil }
  }

  func directory(of id: ContainerID) -> String { "\(configuration.execRoot)/\(id)" }
  func dataDirectory(of id: ContainerID) -> String { "\(configuration.dataRoot)/\(id)" }

  /// The file that holds the container's newest output; it need not exist.
  public func logPath(of id: ContainerID) -> String { "\(dataDirectory(of: id))/\(ShimProtocol.logFile)" }
}
