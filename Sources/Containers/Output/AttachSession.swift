internal import Kernel
public import Stacks

/// A client of a running container: gets its output from now on and, if it asked to, gives its input.
///
/// Whoever gives input also sets the pace: the container waits while its output is not taken. Mere
/// onlookers that do not keep up miss output; the log has all of it.
public final class AttachSession: Sendable {
  private let socket: PacketSocket
  private let poller: Poller

  init(socket: PacketSocket, poller: Poller) {
    self.socket = socket
    self.poller = poller
  }

  /// The next piece of output; nil: the container has ended. One caller at a time.
  public func next() async throws(RuntimeError) -> OutputChunk? {
    while true {
      let packet = try await waiting { () async throws(SystemError) in
        try await socket.receive(upTo: ShimProtocol.chunk + 1, on: poller)
      }
      guard let kind = packet.bytes.first else { return nil }
      let bytes = Array(packet.bytes.dropFirst())
      switch kind {
      case ShimProtocol.stdout: return OutputChunk(stream: .stdout, bytes: bytes)
      case ShimProtocol.stderr: return OutputChunk(stream: .stderr, bytes: bytes)
      default: continue
      }
    }
  }

  /// Gives input; waits while the container does not take it.
  public func send(_ bytes: [UInt8]) async throws(RuntimeError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      try await packet([ShimProtocol.stdin] + rest.prefix(ShimProtocol.chunk))
      rest = rest.dropFirst(ShimProtocol.chunk)
    }
  }

  /// Ends the container's standard input for good; in a terminal it is typed as its end-of-file
  /// character.
  public func closeStdin() async throws(RuntimeError) { try await packet([ShimProtocol.closeStdin]) }

  /// Changes the size of the container's terminal; without one it does nothing.
  public func resize(_ size: TerminalSize) async throws(RuntimeError) {
    try await packet([
      ShimProtocol.resize, UInt8(size.rows & 255), UInt8(size.rows >> 8), UInt8(size.columns & 255),
      UInt8(size.columns >> 8),
    ])
  }

  private func packet(_ bytes: [UInt8]) async throws(RuntimeError) {
    try await waiting { () async throws(SystemError) in try await socket.send(bytes, on: poller) }
  }
}

extension ContainerRuntime {
  /// Attaches to a container that runs, or that is prepared: then nothing of its output is missed.
  public func attach(_ id: ContainerID, givesInput: Bool) throws(RuntimeError) -> AttachSession {
    do throws(SystemError) {
      let directory = try Files.openDirectory(directory(of: id))
      let socket = try PacketSocket(connectingTo: ShimProtocol.socket, in: directory)
      try socket.send([ShimProtocol.hello, givesInput ? 1 : 0])
      return AttachSession(socket: socket, poller: poller)
    } catch {
      if error.isNotFound || error.isRefused { throw .notRunning(id: id.description) }
      throw RuntimeError(error)
    }
  }
}
