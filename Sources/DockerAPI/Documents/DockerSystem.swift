/// `GET /version`.
package struct DockerVersion: Codable, Hashable, Sendable {
  package var version: String
  package var apiVersion: String
  package var minAPIVersion: String
  package var os: String
  package var arch: String
  package var kernelVersion: String
  /// Some clients ask for it; there is no Go here.
  package var goVersion: String
  package var gitCommit: String
  package var components: [Component]

  package struct Component: Codable, Hashable, Sendable {
    package var name: String
    package var version: String
  }
}

/// `GET /info`.
package struct DockerInfo: Codable, Hashable, Sendable {
  package var iD: String
  package var name: String
  package var serverVersion: String
  package var containers: Int
  package var containersRunning: Int
  package var containersPaused: Int
  package var containersStopped: Int
  package var images: Int
  package var driver: String
  package var dockerRootDir: String
  package var kernelVersion: String
  package var operatingSystem: String
  package var oSType: String
  package var architecture: String
  package var cgroupVersion: String
  package var cgroupDriver: String
  package var loggingDriver: String
  package var nCPU: Int
  package var memTotal: UInt64
  package var debug: Bool
  package var experimentalBuild: Bool
  package var warnings: [String]
}

/// `POST /containers/{id}/exec`; what Docker knows and is not here is passed over.
package struct DockerExecRequest: Codable, Hashable, Sendable {
  package var attachStdin: Bool?
  package var attachStdout: Bool?
  package var attachStderr: Bool?
  package var tty: Bool?
  package var cmd: [String]?
  package var env: [String]?
  package var user: String?
  package var workingDir: String?
  package var privileged: Bool?
  /// Rows and columns.
  package var consoleSize: [UInt16]?

  package init(
    command: [String], tty: Bool, hasInput: Bool, environment: [String] = [], user: String? = nil,
    workingDirectory: String? = nil, isPrivileged: Bool = false, consoleSize: [UInt16]? = nil
  ) {
    attachStdin = hasInput
    attachStdout = true
    attachStderr = true
    self.tty = tty
    cmd = command
    env = environment
    self.user = user
    workingDir = workingDirectory
    privileged = isPrivileged
    self.consoleSize = consoleSize
  }
}

/// What is answered where something was made.
package struct DockerCreated: Codable, Hashable, Sendable {
  package var id: String
}

/// `POST /exec/{id}/start`.
package struct DockerExecStart: Codable, Hashable, Sendable {
  package var detach: Bool?
  package var tty: Bool?

  package init(detach: Bool = false, tty: Bool = false) {
    self.detach = detach
    self.tty = tty
  }
}

/// `GET /exec/{id}/json`.
package struct DockerExecDetail: Codable, Hashable, Sendable {
  package var iD: String
  package var containerID: String
  package var running: Bool
  /// nil: it has not ended.
  package var exitCode: Int32?
  package var openStdin: Bool
  package var openStdout: Bool
  package var openStderr: Bool
  package var processConfig: ProcessConfig

  /// The one part of Docker's documents whose names begin with a small letter.
  package struct ProcessConfig: Codable, Hashable, Sendable {
    package var tty: Bool
    package var entrypoint: String
    package var arguments: [String]
  }
}
