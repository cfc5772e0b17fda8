package import EngineInterface

/// Why a request was not answered as asked: an HTTP status and a sentence for the user.
package struct APIError: Error, Hashable, Sendable, CustomStringConvertible {
  package var status: Int
  /// What was tried, on what, why it failed and what to do.
  package var message: String

  package init(_ status: Int, _ message: String) {
    self.status = status
    self.message = message
  }

  package init(_ error: EngineError) {
    status =
      switch error.kind {
      case .notFound: 404
      case .conflict: 409
      case .invalid: 400
      case .failed: 500
      }
    message = error.message
  }

  package var description: String { message }
}
