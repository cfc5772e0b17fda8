/// What a container may do beyond or below the default.
public struct Security: Codable, Hashable, Sendable {
  /// Which system calls are filtered.
  public enum Filter: Codable, Hashable, Sendable {
    /// The engine's own profile.
    case standard
    /// `seccomp=unconfined`.
    case none
    /// `seccomp=FILE`: the text of a profile in Docker's format.
    case profile(String)
  }
  /// Capability names without `CAP_`, upper case, sorted; `ALL` stands for each.
  public var addedCapabilities: [String]
  public var droppedCapabilities: [String]
  public var isPrivileged: Bool
  /// The container's root file system is read-only.
  public var hasReadOnlyRoot: Bool
  /// `no-new-privileges`: set-user-ID programs gain nothing.
  public var forbidsNewPrivileges: Bool
  /// A privileged container has no filter, whatever this says.
  public var filter: Filter

  public init(
    addedCapabilities: [String] = [], droppedCapabilities: [String] = [],
    isPrivileged: Bool = false, hasReadOnlyRoot: Bool = false, forbidsNewPrivileges: Bool = false,
    filter: Filter = .standard
  ) {
    self.addedCapabilities = addedCapabilities
    self.droppedCapabilities = droppedCapabilities
    self.isPrivileged = isPrivileged
    self.hasReadOnlyRoot = hasReadOnlyRoot
    self.forbidsNewPrivileges = forbidsNewPrivileges
    self.filter = filter
  }
}

/// One entry of `devices`: a device of the host, or every device in a directory of it.
public struct DeviceMapping: Codable, Hashable, Sendable, CustomStringConvertible {
  /// The absolute path on the host.
  public var source: String
  /// The absolute path in the container, below `/dev`.
  public var target: String
  /// Letters of `rwm`: read, write, make a node.
  public var permissions: String

  public init(source: String, target: String, permissions: String = "rwm") {
    self.source = source
    self.target = target
    self.permissions = permissions
  }

  /// `SOURCE:TARGET:PERMISSIONS`.
  public var description: String { "\(source):\(target):\(permissions)" }
}
