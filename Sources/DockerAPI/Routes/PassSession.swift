import EngineInterface
import Wire

extension ExecSession {
  /// Passes a connection's input to the process, and its output back, until the process has closed its
  /// output. Of streams that are not wanted nothing is passed on.
  func pass(
    to connection: HijackedConnection, isMultiplexed: Bool, hasInput: Bool,
    streams: Set<OutputStream> = [.stdout, .stderr]
  ) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        guard hasInput else { return }
        do {
          while let bytes = await connection.read() { try await write(bytes) }
        } catch {
          // The process has closed its input: what the client still sends goes nowhere.
        }
        await closeInput()
      }
      var isReading = true
      for await chunk in output where isReading && streams.contains(chunk.stream) {
        let bytes = isMultiplexed ? StreamFrame.encode(chunk.stream, chunk.bytes) : chunk.bytes
        do {
          try await connection.write(bytes)
        } catch {
          // The client is gone. The process is not held up: its output is taken and dropped.
          isReading = false
          await closeInput()
        }
      }
      group.cancelAll()
    }
  }
}
