public import Kernel
public import Stacks

/// A container whose namespaces exist and whose process waits to go on. When the last reference goes
/// without a `release`, the container is given up.
public final class PreparedContainer: Sendable {
  public let id: ContainerID
  /// The container's process 1, in the host's numbers.
  public let process: Int32
  /// Its network namespace: links are made in here before `release`.
  public let networkNamespace: Descriptor
  /// Readable once the process has ended.
  let handle: Descriptor
  let shim: PidFD
  let socket: PacketSocket

  init(
    id: ContainerID, process: Int32, networkNamespace: Descriptor, handle: Descriptor, shim: PidFD,
    socket: PacketSocket
  ) {
    self.id = id
    self.process = process
    self.networkNamespace = networkNamespace
    self.handle = handle
    self.shim = shim
    self.socket = socket
  }
}

/// A container whose program runs.
public struct StartedContainer: Hashable, Sendable {
  public var id: ContainerID
  public var process: Int32
  public var startedAt: Moment
  /// What did not go as asked but was no reason not to start, such as a limit that was cut down.
  public var warnings: [String]
}

extension ContainerRuntime {
  /// First step: starts the shim and, under it, the container's process in its namespaces. It makes its
  /// mounts meanwhile and waits. Do what needs the namespaces, then `release` or `abandon`.
  ///
  /// What an earlier run left in the container's directory is replaced; its log is continued.
  public func prepare(_ request: LaunchRequest) async throws(RuntimeError) -> PreparedContainer {
    try request.check()
    let id = request.id
    try makePlace(of: id)
    let socket = try await waiting { () async throws(SystemError) in try await spawn(request) }
    do throws(RuntimeError) {
      switch try await report(from: socket, about: "start container \(id.short)") {
      case .prepared(let process, let handle, let network, let shim):
        exitWatch.watch(id, shim)
        return PreparedContainer(
          id: id, process: process, networkNamespace: network, handle: handle, shim: shim, socket: socket)
      case .failed(let error, let code): throw .start(error, exitCode: code)
      case .started, .exited: throw .shimLost("start container \(id.short)")
      }
    } catch {
      try? Files.removeTree(directory(of: id))
      throw error
    }
  }

  /// Second step: lets the container go on. Returns when its program runs.
  public func release(_ container: PreparedContainer) async throws(RuntimeError) -> StartedContainer {
    let id = container.id
    do throws(RuntimeError) {
      do throws(SystemError) {
        try container.socket.send(LaunchReport.go)
      } catch  where error.isBrokenPipe {
        // It failed before this; it said why.
      } catch {
        throw .system(error)
      }
      switch try await report(from: container.socket, about: "start container \(id.short)") {
      case .started(let process, let shim, let when, let warnings, _):
        let state = ShimState(process: process, shim: shim, startedAt: Moment(nanoseconds: when))
        exitWatch.keep(state, of: id)
        return StartedContainer(
          id: id, process: process.number, startedAt: state.startedAt, warnings: warnings)
      case .failed(let error, let code): throw .start(error, exitCode: code)
      case .prepared, .exited: throw .shimLost("start container \(id.short)")
      }
    } catch {
      if case .cancelled = error { throw error }  // it may have started
      await ended(container)
      try? Files.removeTree(directory(of: id))
      throw error
    }
  }

  /// Gives up a prepared container. When it returns nothing of it is left but its log.
  public func abandon(_ container: PreparedContainer) async {
    try? container.socket.send([0])
    await ended(container)
    try? Files.removeTree(directory(of: container.id))
  }

  /// Waits for the end of the shim and of the process below it.
  private func ended(_ container: PreparedContainer) async {
    try? await poller.readable(container.shim.descriptor)
    try? await poller.readable(container.handle)
  }

  /// Makes the container's run-time directory, in place of one that an earlier run has left.
  private func makePlace(of id: ContainerID) throws(RuntimeError) {
    let make = { () throws(SystemError) in try Files.makeDirectory(self.directory(of: id)) }
    do throws(RuntimeError) {
      try attempt(make)
    } catch {
      guard case .system(let error) = error, error.isExisting else { throw error }
      try clear(id)
      try attempt(make)
    }
  }

  private func spawn(_ request: LaunchRequest) async throws(SystemError) -> PacketSocket {
    let place = directory(of: request.id)
    let directory = try Files.openDirectory(place)
    let log = try openLog(of: request.id)
    let logs = request.log == LogSettings() ? nil : try Files.openDirectory(dataDirectory(of: request.id))
    let plan = request.plan(
      place: place, directory: directory, log: log, logDirectory: logs, hierarchies: hierarchies)
    return try await shims.start(plan, streams: [null, null, null], on: poller)
  }

  private func openLog(of id: ContainerID) throws(SystemError) -> Descriptor {
    let path = logPath(of: id)
    do throws(SystemError) { return try Files.openForAppending(path) } catch {
      guard error.isNotFound else { throw error }
      try Files.makeDirectories(dataDirectory(of: id))
      return try Files.openForAppending(path)
    }
  }

  /// The shim's next word.
  func report(from socket: PacketSocket, about what: String) async throws(RuntimeError) -> LaunchReport {
    let packet = try await waiting { () async throws(SystemError) in
      try await socket.receive(upTo: LaunchReport.largest, on: poller)
    }
    guard let report = LaunchReport(packet) else { throw .shimLost(what) }
    return report
  }
}
