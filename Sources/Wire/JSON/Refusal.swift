/// What is answered where a request is refused.
package struct Refusal: Codable, Sendable {
  package var message: String
  /// What a shell would end with that could not run the command; nil: it is about something else.
  package var exitStatus: Int32?

  package init(message: String, exitStatus: Int32? = nil) {
    self.message = message
    self.exitStatus = exitStatus
  }
}
