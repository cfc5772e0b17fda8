internal import Kernel
public import Stacks

extension ContainerRuntime {
  /// Starts a process in a running container: in all its namespaces and its cgroup, with the privileges
  /// of the request. It is joined by a sealed copy of the shim (rule R7).
  public func exec(_ request: ExecRequest, in id: ContainerID) async throws(RuntimeError) -> ExecSession {
    try CommandCheck(
      arguments: request.arguments, environment: request.environment,
      workingDirectory: request.workingDirectory
    ).check()
    guard let process = try process(of: id) else { throw .notRunning(id: id.description) }
    let what = "execute in container \(id.short)"
    let (ends, socket) = try await waiting { () async throws(SystemError) in
      try await join(request, process)
    }
    switch try await report(from: socket, about: what) {
    case .started(let process, _, let when, let warnings, let descriptors):
      guard let handle = descriptors.first, descriptors.count == (request.hasTerminal ? 2 : 1) else {
        throw .shimLost(what)
      }
      var ends = ends
      if request.hasTerminal {
        let master = descriptors[1]
        try attempt { () throws(SystemError) in try master.setNonblocking() }
        ends = Ends(input: request.givesInput ? master : nil, outputs: [.stdout: master], terminal: master)
      }
      return ExecSession(
        process: process.number, startedAt: Moment(nanoseconds: when), warnings: warnings, input: ends.input,
        outputs: ends.outputs, terminal: ends.terminal, handle: PidFD(handle), socket: socket, poller: poller)
    case .failed(let error, let code): throw .start(error, exitCode: code)
    case .prepared, .exited: throw .shimLost(what)
    }
  }

  /// Runs a process to its end and returns how it ended with the first `limit` bytes of what it wrote
  /// on both streams. When the calling task is cancelled the process is killed, so a time limit is the
  /// caller's to set.
  public func run(_ request: ExecRequest, in id: ContainerID, limit: Int) async throws(RuntimeError)
    -> (status: ExecStatus, output: [UInt8])
  {
    let session = try await exec(request, in: id)
    var output: [UInt8] = []
    do throws(RuntimeError) {
      while let chunk = try await session.next() {
        output += chunk.bytes.prefix(max(0, limit - output.count))
      }
      return (try await session.wait(), output)
    } catch {
      try? session.kill(9)
      throw error
    }
  }

  /// Our ends of a process's standard streams.
  private struct Ends {
    var input: Descriptor?
    var outputs: [OutputChunk.Stream: Descriptor] = [:]
    var terminal: Descriptor?
  }

  private func join(_ request: ExecRequest, _ process: PidFD) async throws(SystemError) -> (
    Ends, PacketSocket
  ) {
    var ends = Ends()
    var streams = [null, null, null]
    if !request.hasTerminal {
      let stdout = try Pipe.make()
      let stderr = try Pipe.make()
      streams[1] = stdout.write
      streams[2] = stderr.write
      ends.outputs = [.stdout: stdout.read, .stderr: stderr.read]
      if request.givesInput {
        let stdin = try Pipe.make()
        streams[0] = stdin.read
        ends.input = stdin.write
        try stdin.write.setNonblocking()
      }
      for end in ends.outputs.values { try end.setNonblocking() }
    }
    let tasks = try request.cgroup?.openTaskFiles() ?? []
    let plan = request.plan(process: process, tasks: tasks)
    return (ends, try await shims.start(plan, streams: streams, on: poller))
  }
}
