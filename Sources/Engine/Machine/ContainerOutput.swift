internal import Containers
internal import EngineInterface
internal import Kernel
internal import Stacks

extension LocalMachine {
  func logs(_ id: ContainerID, options: LogOptions) async throws(EngineError)
    -> AsyncThrowingStream<LogLine, any Error>
  {
    guard let record = records.record(id) else {
      throw EngineError(.notFound, "No such container: \(id.short)")
    }
    guard record.spec.template.logging.isKept else {
      throw EngineError(.conflict, "\(record.spec.name) keeps no log: its stack file says 'driver: none'")
    }
    let reader = LogPuller(
      runtime.logs(id, tail: options.tail, since: options.since, follow: options.follows))
    let name = record.spec.name
    // Pulled, not pushed: a slow reader holds up nobody and fills no memory.
    return AsyncThrowingStream { () async throws -> LogLine? in
      do {
        guard let entry = try await reader.next() else { return nil }
        if let until = options.until, entry.time >= until { return nil }
        return LogLine(entry)
      } catch {
        throw EngineError(.failed, "read the log of \(name): \(error)")
      }
    }
  }

  func exec(_ id: ContainerID, options: ExecOptions) async throws(EngineError) -> LocalExecSession {
    guard let record = records.record(id) else {
      throw EngineError(.notFound, "No such container: \(id.short)")
    }
    guard case .running = status(of: id) else {
      throw EngineError(.conflict, "container \(record.spec.name) is not running")
    }
    do {
      let template = record.spec.template
      let settings = try ProcessSettings(template, image(record.image).defaults)
      var request = ExecRequest(arguments: options.command)
      request.environment = ProcessSettings.merged(settings.environment, options.environment)
      request.workingDirectory = options.workingDirectory ?? settings.workingDirectory
      let user = options.user ?? settings.user
      request.user = user.isEmpty ? nil : user
      request.groups = template.groups
      request.hasTerminal = options.hasTerminal
      request.givesInput = options.hasInput
      request.capabilities =
        options.isPrivileged ? .ofThisProcess : try CapabilitySet.resolve(template.security)
      request.seccomp = try seccomp.filter(
        for: request.capabilities, template.security.filter,
        privileged: options.isPrivileged || template.security.isPrivileged)
      request.forbidsNewPrivileges = template.security.forbidsNewPrivileges
      request.limits = try ResourceLimit.resolve(template.ulimits)
      request.cgroup = try cgroups(of: id).placement(of: id)
      return LocalExecSession(try await runtime.exec(request, in: id))
    } catch {
      throw EngineError(.conflict, "exec in \(record.spec.name): \(error)")
    }
  }
}

extension LogLine {
  init(_ entry: LogEntry) {
    self.init(
      stream: entry.stream == .stdout ? .stdout : .stderr, time: entry.time,
      bytes: entry.isPartial ? entry.bytes : entry.bytes + [UInt8(ascii: "\n")])
  }
}

// `Containers` has types of these names too; here the interface's are meant.
typealias OutputChunk = EngineInterface.OutputChunk
typealias ExecSession = EngineInterface.ExecSession

extension OutputChunk {
  /// nil: there is no more, or none can be had.
  init?(_ chunk: Containers.OutputChunk?) {
    guard let chunk else { return nil }
    self.init(stream: chunk.stream == .stdout ? .stdout : .stderr, bytes: chunk.bytes)
  }
}

/// A process that `exec` started, as the interface has it.
struct LocalExecSession: ExecSession {
  private let session: Containers.ExecSession

  init(_ session: Containers.ExecSession) { self.session = session }

  var output: AsyncStream<OutputChunk> { AsyncStream { [session] in OutputChunk(try? await session.next()) } }

  func write(_ bytes: [UInt8]) async throws(EngineError) {
    do throws(RuntimeError) { try await session.send(bytes) } catch {
      throw EngineError(.conflict, "\(error)")
    }
  }

  func closeInput() async { session.closeStdin() }

  func resize(rows: UInt16, columns: UInt16) async {
    // A terminal that has gone has no size.
    try? session.resize(TerminalSize(rows: rows, columns: columns))
  }

  func wait() async -> Int32 { (try? await session.wait())?.code ?? 137 }

  func kill() { try? session.kill(9) }
}

/// Reads a log one line at a time for whoever asks next; one at a time does.
private actor LogPuller {
  private var entries: LogStream.Iterator

  init(_ stream: LogStream) { entries = stream.makeAsyncIterator() }

  func next() async throws -> LogEntry? {
    var current = entries
    defer { entries = current }
    return try await current.next(isolation: self)
  }
}
