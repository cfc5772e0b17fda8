import Kernel
import Testing

/// Asks again and again until it is so, for a minute at most: all other suites may run beside this one.
func eventually(
  every pause: Duration = .milliseconds(2), _ condition: () async throws -> Bool,
  at location: SourceLocation = #_sourceLocation
) async throws {
  let clock = ContinuousClock()
  let deadline = clock.now + .seconds(60)
  while try await !condition() {
    if clock.now > deadline {
      Issue.record("it did not become so within a minute", sourceLocation: location)
      return
    }
    try await clock.sleep(for: pause)
  }
}

/// A connection that only sends: what comes back stays in the kernel's buffers.
struct UnixConnection {
  private let descriptor: Descriptor
  init(_ path: String) throws { descriptor = try UnixSocket.connect(to: path) }
  func send(_ text: String) throws { try descriptor.write(text.utf8) }
}
