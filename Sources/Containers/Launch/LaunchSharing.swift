public import Kernel
public import Stacks

/// Where the container's namespaces come from, besides that of the network.
public struct LaunchSharing: Sendable {
  public enum Source: Sendable {
    case own
    case host
    /// An open namespace of another container.
    case of(Descriptor)

    var isOwn: Bool { if case .own = self { true } else { false } }
  }
  public var ipc = Source.own
  /// The mount namespace of the container whose /dev/shm is shared, where `ipc` is another container's.
  public var sharedMemoryOf: Descriptor?
  public var processes = Source.own
  public var hostName = Source.own
  /// The machine's cgroups are seen, read-only, instead of the container's own group alone.
  public var seesAllCgroups = false

  public init() {}
}

extension ContainerRuntime {
  /// A namespace of a running container, by its name in /proc/PID/ns.
  public func namespace(_ name: String, of id: ContainerID) throws(RuntimeError) -> Descriptor {
    guard let state = try state(of: id), try process(of: id) != nil else {
      throw .notRunning(id: id.description)
    }
    let open = try attempt { () throws(SystemError) in
      try Processes.openNamespace(name, of: state.process.number)
    }
    // The number may have changed hands just before it was opened.
    guard try process(of: id) != nil else { throw .notRunning(id: id.description) }
    return open
  }
}
