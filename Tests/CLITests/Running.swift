import DockerAPI
import EngineInterface
import Kernel
import Logging
import NIOPosix
import Synchronization
import Testing

@testable import CLI

/// What a run of the program came to.
struct Outcome: Sendable, Equatable {
  var status: Int32
  var output: String
  var error: String
}

/// Runs the program in this process, with its console caught. It blocks.
func cairn(_ arguments: [String], environment: [String: String] = [:]) -> Outcome {
  let output = Mutex([UInt8]())
  let error = Mutex([UInt8]())
  let console = Console { stream, bytes in
    if stream == .output { output.withLock { $0 += bytes } } else { error.withLock { $0 += bytes } }
  }
  let status = CommandLineRun.run(arguments, environment: environment, console: console)
  return Outcome(
    status: status, output: String(decoding: output.withLock { $0 }, as: UTF8.self),
    error: String(decoding: error.withLock { $0 }, as: UTF8.self))
}

/// Serves an engine while `body`, which may block, runs on a thread of its own; it gets the socket's
/// path and a directory for its files.
func serving<Result: Sendable>(
  _ engine: some EngineService,
  _ body: @escaping @Sendable (_ host: String, _ directory: String) throws -> Result
) async throws -> Result {
  let directory = "/tmp/cairn-cli-\(UInt32.random(in: 0...UInt32.max))"
  try Files.makeDirectory(directory)
  defer { try? Files.removeTree(directory) }
  let server = APIServer(
    engine: engine, socketPath: directory + "/s", logger: Logger(label: "test"))
  let (isReady, ready) = AsyncStream<Void>.makeStream()
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask {
      defer { ready.finish() }
      try await server.run { ready.finish() }
    }
    for await _ in isReady {}
    defer { server.stop() }
    let result = try await NIOThreadPool.singleton.runIfActive {
      try body("unix://\(directory)/s", directory)
    }
    server.stop()
    try await group.waitForAll()
    return result
  }
}
