package import EngineInterface
package import Stacks

/// The body of `PUT /stacks/{name}` and `POST /stacks/{name}/plan`.
package struct ApplyRequest: Codable, Hashable, Sendable {
  package var stack: Stack
  package var options: ApplyOptions

  package init(stack: Stack, options: ApplyOptions) {
    self.stack = stack
    self.options = options
  }
}

/// The body of `POST /stacks/{name}/run`.
package struct RunOneOff: Codable, Hashable, Sendable {
  package var stack: Stack
  package var request: RunRequest

  package init(stack: Stack, request: RunRequest) {
    self.stack = stack
    self.request = request
  }
}

/// The body of `POST /stacks/{name}/discard`.
package struct DiscardRequest: Codable, Hashable, Sendable {
  package var key: String

  package init(key: String) { self.key = key }
}

/// The body of `POST /stacks/{name}/exec`.
package struct ServiceExec: Codable, Hashable, Sendable {
  package struct Size: Codable, Hashable, Sendable {
    package var rows: UInt16
    package var columns: UInt16

    package init(rows: UInt16, columns: UInt16) {
      self.rows = rows
      self.columns = columns
    }
  }
  package var service: String
  /// The number of the replica; nil: the first that runs.
  package var index: Int?
  package var options: ExecOptions
  /// The answer comes when it runs, and its output goes nowhere.
  package var isDetached: Bool
  /// Its terminal's first size; nil: unknown.
  package var size: Size?

  package init(
    service: String, index: Int? = nil, options: ExecOptions, isDetached: Bool = false, size: Size? = nil
  ) {
    self.service = service
    self.index = index
    self.options = options
    self.isDetached = isDetached
    self.size = size
  }

  /// The field of the answer that says by which ID its terminal's size is changed.
  package static let idField = "X-Cairn-Exec"
}

/// The body of `POST /stacks/{name}/scale`.
package struct ScaleRequest: Codable, Hashable, Sendable {
  /// How many containers, by service.
  package var replicas: [String: Int]

  package init(replicas: [String: Int]) { self.replicas = replicas }
}

/// The body of `POST /stacks/{name}/stop`, `/start` and `/restart`.
package struct ServicesRequest: Codable, Hashable, Sendable {
  /// Empty: all.
  package var services: [String]
  /// Replaces the services' own grace periods; nil: theirs.
  package var timeout: Span?

  package init(services: [String] = [], timeout: Span? = nil) {
    self.services = services
    self.timeout = timeout
  }
}
