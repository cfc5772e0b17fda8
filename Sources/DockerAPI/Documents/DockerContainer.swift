package import Wire

/// One container in `GET /containers/json`.
package struct DockerContainer: Codable, Hashable, Sendable {
  package var id: String
  /// Each begins with a slash.
  package var names: [String]
  package var image: String
  package var imageID: String
  /// The whole command line.
  package var command: String
  /// Seconds since the epoch.
  package var created: Int64
  package var ports: [DockerPort]
  package var labels: [String: String]
  /// `created`, `running`, `exited` or `dead`.
  package var state: String
  /// For people: `Up 3 minutes (healthy)`.
  package var status: String
  package var hostConfig: HostConfig
  package var networkSettings: NetworkSettings
  package var mounts: [DockerMount]

  package struct HostConfig: Codable, Hashable, Sendable {
    package var networkMode: String
  }

  package struct NetworkSettings: Codable, Hashable, Sendable {
    /// By the network's name on the machine.
    package var networks: [String: DockerEndpoint]
  }
}

package struct DockerMount: Codable, Hashable, Sendable {
  /// `bind`, `volume` or `tmpfs`.
  package var type: String
  /// The volume's name; nil where it is none.
  package var name: String?
  package var source: String
  package var destination: String
  package var mode: String
  package var rW: Bool
  package var propagation: String
}

/// A container's place in a network.
package struct DockerEndpoint: Codable, Hashable, Sendable {
  package var networkID: String
  package var endpointID: String
  package var gateway: String
  package var ipAddress: String
  package var globalIPv6Address: String
  package var aliases: [String]
}

/// `GET /containers/{id}/json`.
package struct DockerContainerDetail: Codable, Hashable, Sendable {
  package var id: String
  package var created: String
  package var path: String
  package var args: [String]
  package var state: State
  package var image: String
  package var name: String
  package var restartCount: Int
  package var driver: String
  package var platform: String
  package var mounts: [DockerMount]
  package var config: Config
  package var hostConfig: HostConfig
  package var networkSettings: NetworkSettings

  package struct State: Codable, Hashable, Sendable {
    package var status: String
    package var running: Bool
    package var paused: Bool
    package var restarting: Bool
    package var oOMKilled: Bool
    package var dead: Bool
    package var pid: Int32
    package var exitCode: Int32
    package var error: String
    package var startedAt: String
    package var finishedAt: String
    /// nil: there is no check.
    package var health: Health?
  }

  package struct Health: Codable, Hashable, Sendable {
    package var status: String
  }

  package struct Config: Codable, Hashable, Sendable {
    package var hostname: String
    package var user: String
    package var tty: Bool
    package var openStdin: Bool
    package var env: [String]
    package var cmd: [String]
    package var image: String
    package var workingDir: String
    package var entrypoint: [String]
    package var labels: [String: String]
  }

  package struct HostConfig: Codable, Hashable, Sendable {
    package var networkMode: String
    package var portBindings: [String: [Binding]]
    package var restartPolicy: RestartPolicy
    package var privileged: Bool
    package var readonlyRootfs: Bool
    package var capAdd: [String]
    package var capDrop: [String]
    /// Bytes; 0: no limit.
    package var memory: UInt64
    /// Thousand-millionths of a CPU; 0: no limit.
    package var nanoCpus: UInt64
    package var pidsLimit: UInt64
    package var annotations: [String: String]
  }

  package struct RestartPolicy: Codable, Hashable, Sendable {
    package var name: String
    package var maximumRetryCount: Int
  }

  package struct Binding: Codable, Hashable, Sendable {
    package var hostIp: String
    package var hostPort: String
  }

  package struct NetworkSettings: Codable, Hashable, Sendable {
    /// By `PORT/PROTOCOL`.
    package var ports: [String: [Binding]]
    package var networks: [String: DockerEndpoint]
  }
}
