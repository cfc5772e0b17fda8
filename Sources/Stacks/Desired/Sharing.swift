/// Which namespaces a container has in common with others: `network_mode`, `ipc`, `pid`, `uts`, `cgroup`.
public struct Sharing: Codable, Hashable, Sendable {
  /// Whose namespace it is.
  public enum Source: Codable, Hashable, Sendable {
    /// The container's own.
    case own
    /// The machine's.
    case host
    /// That of a container of another service of the stack: the one with the same number if there is one.
    case service(String)
    /// That of a container with this name, of whatever stack.
    case container(String)
  }
  /// With `own` and no networks there is only a loopback interface (`network_mode: none`).
  public var network: Source
  /// Semaphores, message queues, and /dev/shm.
  public var ipc: Source
  public var processes: Source
  /// Host name and domain.
  public var hostName: Source
  /// Only `own` and `host`.
  public var cgroup: Source

  public init(
    network: Source = .own, ipc: Source = .own, processes: Source = .own, hostName: Source = .own,
    cgroup: Source = .own
  ) {
    self.network = network
    self.ipc = ipc
    self.processes = processes
    self.hostName = hostName
    self.cgroup = cgroup
  }
}

extension Sharing.Source: CustomStringConvertible {
  /// As a stack file writes it; the own one is `private`.
  public var description: String {
    switch self {
    case .own: "private"
    case .host: "host"
    case .service(let name): "service:\(name)"
    case .container(let name): "container:\(name)"
    }
  }
}
