package import Engine
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
