internal import Kernel
public import Stacks
internal import Synchronization

/// A process that was started in a running container. When the last reference goes while it runs, it is
/// killed.
public final class ExecSession: Sendable {
  /// In the host's numbers.
  public let process: Int32
  public let startedAt: Moment
  public let warnings: [String]

  private struct State {
    var input: Descriptor?
    var outputs: [OutputChunk.Stream: Descriptor]
    var status: ExecStatus?
    var isLost = false
  }
  private let state: Mutex<State>
  private let terminal: Descriptor?
  private let handle: PidFD
  private let socket: PacketSocket
  private let poller: Poller

  init(
    process: Int32, startedAt: Moment, warnings: [String], input: Descriptor?,
    outputs: [OutputChunk.Stream: Descriptor], terminal: Descriptor?, handle: PidFD, socket: PacketSocket,
    poller: Poller
  ) {
    self.process = process
    self.startedAt = startedAt
    self.warnings = warnings
    self.terminal = terminal
    self.handle = handle
    self.socket = socket
    self.poller = poller
    state = Mutex(State(input: input, outputs: outputs))
  }

  /// The next piece of output; nil: the process has ended and all that it wrote has been returned. One
  /// caller at a time.
  public func next() async throws(RuntimeError) -> OutputChunk? {
    while true {
      // Whether it has ended is asked before what is there is read, so that nothing is missed.
      let hasEnded = try takeStatus() != nil
      var open: [Descriptor] = []
      for (stream, descriptor) in state.withLock({ $0.outputs }).sorted(by: {
        $0.key.rawValue > $1.key.rawValue
      }) {
        do throws(SystemError) {
          let bytes = try descriptor.read(upTo: 64 << 10)
          if !bytes.isEmpty { return OutputChunk(stream: stream, bytes: bytes) }
          state.withLock { $0.outputs[stream] = nil }
        } catch {
          guard error.isNothingYet else {
            // A terminal whose last user has gone (EIO).
            state.withLock { $0.outputs[stream] = nil }
            continue
          }
          open.append(descriptor)
        }
      }
      if hasEnded { return nil }
      let watched = open + [socket.descriptor]
      try await waiting { () async throws(SystemError) in try await poller.readable(anyOf: watched) }
    }
  }

  /// Waits for the end.
  public func wait() async throws(RuntimeError) -> ExecStatus {
    while true {
      if let status = try takeStatus() { return status }
      try await waiting { () async throws(SystemError) in try await poller.readable(socket.descriptor) }
    }
  }

  /// Gives input; waits while the process does not take it. Where it was not asked for, or the process
  /// has closed it, it goes nowhere.
  public func send(_ bytes: [UInt8]) async throws(RuntimeError) {
    guard let input = state.withLock({ $0.input }) else { return }
    do throws(SystemError) {
      try await input.write(bytes, on: poller)
    } catch {
      if error.isBrokenPipe { return closeStdin() }
      throw RuntimeError(error)
    }
  }

  /// Ends the process's standard input. A terminal has no such end: send its end-of-file character.
  public func closeStdin() { state.withLock { $0.input = nil } }

  /// Sends a signal to the process; one that has ended is no error.
  public func kill(_ signal: Int32) throws(RuntimeError) {
    do throws(SystemError) {
      try handle.send(signal)
    } catch {
      if !error.isNoSuchProcess { throw RuntimeError(error) }
    }
  }

  /// Changes the size of the process's terminal; without one it does nothing.
  public func resize(_ size: TerminalSize) throws(RuntimeError) {
    try attempt { () throws(SystemError) in
      try terminal?.setWindowSize(rows: size.rows, columns: size.columns)
    }
  }

  /// The end, if it has been reported.
  private func takeStatus() throws(RuntimeError) -> ExecStatus? {
    let result = state.withLock { state -> Result<ExecStatus?, RuntimeError> in
      if let status = state.status { return .success(status) }
      if state.isLost { return .failure(.shimLost("execute in the container")) }
      do throws(SystemError) {
        guard let packet = try socket.receive(upTo: LaunchReport.largest) else { return .success(nil) }
        guard case .exited(let code, let signal)? = LaunchReport(packet) else {
          state.isLost = true
          return .failure(.shimLost("execute in the container"))
        }
        state.status = ExecStatus(code: code, signal: signal == 0 ? nil : signal)
        return .success(state.status)
      } catch {
        return .failure(.system(error))
      }
    }
    return try result.get()
  }
}
