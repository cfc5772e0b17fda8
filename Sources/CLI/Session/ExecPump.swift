import EngineInterface
import Kernel
import Wire

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
  /// False: the output comes as it is, in one stream.
  let isFramed: Bool
  /// The size that its terminal was made with; nil: none was said.
  var knownSize: Terminal.Size?
  var hasInput = true
  /// Signals that are passed on to the container instead of ending us.
  var forwarded: [Int32] = []

  /// How the process ended; nil: the stream does not tell, or was cut short.
  @discardableResult
  func run(_ console: Console) throws(CLIError) -> Int32? {
    let signals = try Waiting.signals(forwarded + (hasTerminal ? [SignalDescriptor.windowChange] : []))
    var frames = StreamFrame.Decoder()
    var pending: ArraySlice<UInt8> = []
    var isInputOpen = hasInput
    if !hasInput { UnixSocket.endWriting(connection.descriptor) }
    if hasTerminal, Self.size != knownSize { resize() }
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
        if isFramed {
          for chunk in try decode(piece, &frames) {
            console.write(chunk.bytes, to: chunk.stream == .stdout ? .output : .error)
          }
        } else {
          console.write(piece)
        }
      }
      if isDone || frames.exitStatus != nil { return frames.exitStatus }
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

  /// Of the terminal that we are run in; nil: there is none, or it does not say.
  static var size: Terminal.Size? { Terminal.size(1) ?? Terminal.size(0) }

  private func resize() {
    guard let size = Self.size else { return }
    _ = try? client.ask("POST", "\(target)/resize?h=\(size.rows)&w=\(size.columns)")
  }
}
