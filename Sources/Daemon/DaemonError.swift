/// Why the engine could not be run: what was tried, on what, why it failed and what to do.
struct DaemonError: Error, Hashable, Sendable, CustomStringConvertible {
  var message: String

  init(_ message: String) { self.message = message }

  var description: String { message }
}
