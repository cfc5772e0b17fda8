import EngineInterface
import Stacks
import Wire

/// More processes in running containers.
struct ExecRoutes: Sendable {
  let engine: any EngineService
  let execs: ExecTable

  var all: [Route] {
    [
      Route("POST", "/containers/{id}/exec", "announces a process") { request throws(APIError) in
        try await create(request)
      },
      Route("POST", "/exec/{id}/start", "starts it and passes its input and output on") {
        request throws(APIError) in try await start(request)
      },
      Route("POST", "/exec/{id}/resize", "sets the size of its terminal") { request throws(APIError) in
        let rows = UInt16(clamping: try request.number("h") ?? 0)
        let columns = UInt16(clamping: try request.number("w") ?? 0)
        try await execs.resize(request.name, rows: rows, columns: columns)?.resize(
          rows: rows, columns: columns)
        return .empty(status: 200)
      },
      Route("GET", "/exec/{id}/json", "how it is or how it ended") { request throws(APIError) in
        try inspect(request)
      },
      Route("POST", "/stacks/{name}/exec", "runs a process in a replica of a service") {
        request throws(APIError) in try await run(request)
      },
    ]
  }

  private func create(_ request: Request) async throws(APIError) -> Answer {
    let bytes = try await request.body.document()
    let wanted = try WireCoding.dockerDecode(DockerExecRequest.self, from: bytes)
    guard let command = wanted.cmd, !command.isEmpty else {
      throw APIError(400, "No exec command specified: Cmd is empty")
    }
    let found = try await asking { () throws(EngineError) in try await engine.container(request.name) }
    guard found.container.isRunning else {
      throw APIError(409, "Container \(found.container.id) is not running")
    }
    let options = ExecOptions(
      command: command, environment: wanted.env ?? [], user: wanted.user,
      workingDirectory: wanted.workingDir, hasTerminal: wanted.tty ?? false,
      hasInput: wanted.attachStdin ?? false, isPrivileged: wanted.privileged ?? false)
    var size: (rows: UInt16, columns: UInt16)?
    if let console = wanted.consoleSize, console.count == 2, console[0] > 0 {
      size = (console[0], console[1])
    }
    let id = execs.add(found.container.id, options, size: size)
    return .whole(
      status: 201, fields: ["Content-Type": "application/json"],
      body: try WireCoding.dockerEncode(DockerCreated(id: id)))
  }

  private func start(_ request: Request) async throws(APIError) -> Answer {
    let id = request.name
    let bytes = try await request.body.document()
    let how =
      bytes.isEmpty ? DockerExecStart() : try WireCoding.dockerDecode(DockerExecStart.self, from: bytes)
    let (session, options) = try await begin(id)
    if how.detach ?? false {
      await detach(session)
      return .empty(status: 200)
    }
    let isMultiplexed = !(how.tty ?? false)
    return .hijack(isMultiplexed ? .multiplexed : .raw) { connection in
      await session.pass(to: connection, isMultiplexed: isMultiplexed, hasInput: options.hasInput)
      execs.set(id, ended: await session.wait())
    }
  }

  /// All of it in one request: finds the container, starts the process, and tells at the end how it ended.
  private func run(_ request: Request) async throws(APIError) -> Answer {
    let wanted = try await request.body.json(ServiceExec.self)
    guard !wanted.options.command.isEmpty else { throw APIError(400, "the request names no command") }
    let replica = try await engine.replica(wanted.index, of: wanted.service, in: request.name)
    let id = execs.add(
      replica.container.id, wanted.options, size: wanted.size.map { ($0.rows, $0.columns) })
    let session: any ExecSession
    do throws(APIError) { session = try await begin(id).session } catch {
      return .failure(error, exitStatus: execs.exitCode(id))
    }
    if wanted.isDetached {
      await detach(session)
      return .whole(status: 200, fields: [ServiceExec.idField: id], body: [])
    }
    return .hijack(.process(id: id)) { connection in
      await session.pass(to: connection, isMultiplexed: true, hasInput: wanted.options.hasInput)
      let code = await session.wait()
      execs.set(id, ended: code)
      // Whoever has gone does not ask.
      try? await connection.write(StreamFrame.encode(exitStatus: code))
    }
  }

  /// Starts a process that was announced.
  private func begin(
    _ id: String
  ) async throws(APIError) -> (session: any ExecSession, options: ExecOptions) {
    let entry = try execs.begin(id)
    let session: any ExecSession
    do throws(EngineError) {
      session = try await engine.exec(entry.container, options: entry.options)
    } catch {
      execs.set(id, ended: exitCode(for: error))
      throw APIError(error)
    }
    if let size = execs.set(id, running: session) {
      await session.resize(rows: size.rows, columns: size.columns)
    }
    // It outlives this connection: how the process ended can be asked for later, and a process whose
    // client is gone goes on.
    Task { execs.set(id, ended: await session.wait()) }
    return (session, entry.options)
  }

  private func detach(_ session: any ExecSession) async {
    await session.closeInput()
    // It outlives this connection too: somebody has to take what it writes, so that it is not held up.
    Task { for await _ in session.output {} }
  }

  /// What a shell would say of a command that could not be run.
  private func exitCode(for error: EngineError) -> Int32 {
    if error.message.contains("No such file") || error.message.contains("not found") { return 127 }
    return error.message.contains("ermission denied") ? 126 : 125
  }

  private func inspect(_ request: Request) throws(APIError) -> Answer {
    let entry = try execs.entry(request.name)
    var detail = DockerExecDetail(
      iD: request.name, containerID: entry.container.description, running: false, exitCode: nil,
      openStdin: entry.options.hasInput, openStdout: true, openStderr: true,
      processConfig: .init(
        tty: entry.options.hasTerminal, entrypoint: entry.options.command[0],
        arguments: Array(entry.options.command.dropFirst())))
    switch entry.state {
    case .announced: break
    case .starting, .running: detail.running = true
    case .ended(let code): detail.exitCode = code
    }
    return .whole(
      status: 200, fields: ["Content-Type": "application/json"], body: try WireCoding.dockerEncode(detail))
  }
}
