/// Why a command failed: a sentence for the user and the status to end with.
struct CLIError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, on what, why it failed and what to do; empty: it has been said already.
  var message: String
  var status: Int32

  init(_ message: String, status: Int32 = 1) {
    self.message = message
    self.status = status
  }

  /// Ends with `status`; everything has been said.
  static func silent(status: Int32) -> CLIError { CLIError("", status: status) }

  var description: String { message }
}
