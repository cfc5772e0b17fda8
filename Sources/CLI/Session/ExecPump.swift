import DockerAPI
import Engine
import Kernel

/// Passes our input to a process in a container and its output to ours until it ends.
///
/// One loop over poll(2) does both directions and never blocks in one of them, so that a process that
/// writes before it has read everything is not held up.
struct ExecPump {
  let client: EngineClient
  let connection: HTTPConnection
  /// What is talked to, `/exec/ID` or `/containers/ID`.
  let target: String
  let hasTerminal: Bool
  let hasInput: Bool
  /// Signals that are passed on to the container instead of ending us.
  var forwarded: [Int32] = []

  func run(_ console: Console) throws(CLIError) {
    let signals = try Waiting.signals(forwarded + (hasTerminal ? [SignalDescriptor.windowChange] : []))
    var frames = StreamFrame.Decoder()
    var pending: ArraySlice<UInt8> = []
    var isInputOpen = hasInput
    if !hasInput { UnixSocket.endWriting(connection.descriptor) }
    if hasTerminal { resize() }
    while true {
      if !connection.hasBuffered {
        var readable = [connection.descriptor.number, signals.number]
        if isInputOpen, pending.isEmpty { readable.append(0) }
        let ready = try Waiting.readable(
          readable, writable: pending.isEmpty ? [] : [connection.descriptor.number])
        if ready.contains(signals.number), let signal = signals.next() { handle(signal) }
        if !pending.isEmpty { pending = try send(pending) }
        if ready.contains(0), isInputOpen, pending.isEmpty {
          let bytes = try input()
          if bytes.isEmpty {
            isInputOpen = false
            UnixSocket.endWriting(connection.descriptor)
          }
          pending = bytes[...]
        }
        let answered = try Waiting.readable([connection.descriptor.number], milliseconds: 0)
        guard !answered.isEmpty else { continue }
      }
      let (pieces, isDone) = try connection.arrived()
      for piece in pieces {
        if hasTerminal {
          console.write(piece)
        } else {
          for chunk in try decode(piece, &frames) {
            console.write(chunk.bytes, to: chunk.stream == .stdout ? .output : .error)
          }
        }
      }
      if isDone { return }
    }
  }

  private func decode(_ bytes: [UInt8], _ frames: inout StreamFrame.Decoder) throws(CLIError) -> [OutputChunk]
  {
    do throws(APIError) { return try frames.feed(bytes) } catch {
      throw CLIError("read the output of the process: \(error)")
    }
  }

  private func input() throws(CLIError) -> [UInt8] {
    do throws(SystemError) { return try Descriptor.standardInput.read(upTo: 32768) } catch {
      throw CLIError("read standard input: \(error)")
    }
  }

  /// Sends what the socket takes now; the rest.
  private func send(_ bytes: ArraySlice<UInt8>) throws(CLIError) -> ArraySlice<UInt8> {
    do throws(SystemError) {
      return bytes.dropFirst(try UnixSocket.sendSome(connection.descriptor, Array(bytes)))
    } catch {
      // The process has ended or closed its input; its output still comes.
      return []
    }
  }

  private func handle(_ signal: Int32) {
    if !forwarded.contains(signal) { return resize() }
    // One that has just ended needs none.
    _ = try? client.ask("POST", "\(target)/kill?signal=\(signal)")
  }

  private func resize() {
    guard let size = Terminal.size(1) ?? Terminal.size(0) else { return }
    _ = try? client.ask("POST", "\(target)/resize?h=\(size.rows)&w=\(size.columns)")
  }
}
