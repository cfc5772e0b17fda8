public import Kernel
public import Stacks

/// Everything that a container's start needs, resolved: paths are absolute and on the host, names are
/// looked up, defaults are filled in. Only what lies inside the root (users, working directory, mount
/// targets, the command) is left for the container's own file system to answer.
public struct LaunchRequest: Sendable {
  public var id: ContainerID
  /// The program and its arguments; the program is looked for in the container's PATH.
  public var arguments: [String]
  /// `NAME=VALUE` each. PATH, HOSTNAME and, with a terminal, TERM are added where they are missing,
  /// and HOME from the container's /etc/passwd.
  public var environment: [String] = []
  /// nil: `/`. Made where it is missing, as in Docker.
  public var workingDirectory: String?
  /// `USER[:GROUP]` by name or number; nil: root.
  public var user: String?
  /// Further groups by name or number.
  public var groups: [String] = []
  /// nil: the first 12 digits of the ID. Where the namespace is not its own, only the variable HOSTNAME.
  public var hostname: String?
  public var root: RootLayers
  public var hasReadOnlyRoot = false
  /// In the order in which they are made: a mount inside another comes after it.
  public var mounts: [LaunchMount] = []
  /// Made after the mounts.
  public var contents: [LaunchFile] = []
  public var files = NetworkFiles()
  public var network: LaunchNetwork = .isolated([])
  public var sharing = LaunchSharing()
  /// Sysctls of the container's namespaces, such as `net.core.somaxconn`, by name.
  public var sysctls: [String: String] = [:]
  public var capabilities: CapabilitySet = .standard
  /// The compiled filter; nil: none.
  public var seccomp: [UInt8]?
  public var forbidsNewPrivileges = false
  public var limits: [ResourceLimit] = []
  /// From -1000 to 1000; nil: as the engine has it.
  public var oomScoreAdjustment: Int?
  public var hasTerminal = false
  /// The terminal's size at the start; nil: the kernel's (0 by 0).
  public var window: TerminalSize?
  /// Standard input stays open for whoever attaches; otherwise it is the container's /dev/null.
  public var keepsStdin = false
  /// Process 1 is ours, reaps, and hands signals on.
  public var runsInit = false
  /// `privileged`: nothing is masked, /sys and cgroups can be written.
  public var isPrivileged = false
  /// Device nodes beyond the standard ones.
  public var devices: [DeviceNode] = []
  /// The size of /dev/shm in bytes.
  public var sharedMemory: UInt64 = 64 << 20
  public var log = LogSettings()
  /// nil: the container stays in the engine's cgroup (only for tests).
  public var cgroup: CgroupPlacement?

  public init(id: ContainerID, arguments: [String], root: RootLayers) {
    self.id = id
    self.arguments = arguments
    self.root = root
  }
}

/// The directories that overlayfs makes the root from. They are mounted inside the container's mount
/// namespace only, so nothing of it is ever left on the host.
public struct RootLayers: Hashable, Sendable {
  /// The read-only layers, topmost first; at least one.
  public var lower: [String]
  /// The writable layer and overlayfs's work directory, on one file system.
  public var upper: String
  public var work: String

  public init(lower: [String], upper: String, work: String) {
    self.lower = lower
    self.upper = upper
    self.work = work
  }
}

/// One mount besides those that every container has.
public struct LaunchMount: Hashable, Sendable {
  public enum Source: Hashable, Sendable {
    /// A directory or file of the host, with what is mounted below it.
    case bind(String)
    /// A volume's directory. Where it is empty it is first filled with what the image has at the
    /// target, with owners and modes.
    case volume(String)
    /// Memory; nil: half of the machine's. Mode, owner and group are those of the root of it. Nothing in
    /// it can be executed unless it is said.
    case tmpfs(
      size: UInt64?, mode: UInt32, owner: UInt32 = 0, group: UInt32 = 0, isExecutable: Bool = false)
    /// The layers of an image, topmost first, at least two: read-only.
    case image([String])
  }
  public var source: Source
  /// Absolute, in the container. Made where it is missing.
  public var target: String
  public var isReadOnly: Bool
  /// What becomes of what is mounted below the source of a bind.
  public var recursion: MountSpec.Recursion
  /// Of a bind: whether mounts on one side are seen on the other. The source must lie on a mount that
  /// takes part in it.
  public var propagation = MountSpec.Propagation.rprivate
  /// Of a bind or an image: what is mounted instead of the whole, resolved inside it; nil: the whole.
  public var subpath: String?

  public init(
    _ source: Source, target: String, isReadOnly: Bool = false, recursion: MountSpec.Recursion = .enabled,
    subpath: String? = nil
  ) {
    self.source = source
    self.target = target
    self.isReadOnly = isReadOnly
    self.recursion = recursion
    self.subpath = subpath
  }
}

/// A read-only file that exists in memory only: a config or a secret.
public struct LaunchFile: Hashable, Sendable {
  /// Absolute, in the container. The directories on the way are made where they are missing.
  public var target: String
  public var content: FileContent
  /// nil: the user that the container runs as.
  public var owner: UInt32?
  /// nil: the group of that user.
  public var group: UInt32?
  /// The permissions.
  public var mode: UInt32

  public init(
    target: String, content: FileContent, owner: UInt32? = nil, group: UInt32? = nil, mode: UInt32 = 0o444
  ) {
    self.target = target
    self.content = content
    self.owner = owner
    self.group = group
    self.mode = mode
  }
}

/// Files of ours on the host that appear in the container's /etc; nil: the image's stays.
public struct NetworkFiles: Hashable, Sendable {
  public var hosts: String?
  public var resolvConf: String?
  public var hostname: String?
  public init(hosts: String? = nil, resolvConf: String? = nil, hostname: String? = nil) {
    self.hosts = hosts
    self.resolvConf = resolvConf
    self.hostname = hostname
  }
}

/// The container's network namespace.
public enum LaunchNetwork: Sendable {
  /// Its own, with these links besides loopback; an empty list is `network_mode: none`.
  case isolated([NetworkEndpoint])
  /// The host's (`network_mode: host`).
  case host
  /// Another container's (`network_mode: service:NAME`).
  case shared(Descriptor)
}

/// One link of the container. The link itself is made by the engine, in the container's network
/// namespace, between `prepare` and `release`; the container brings it up.
public struct NetworkEndpoint: Hashable, Sendable {
  /// The name in the container, such as `eth0`.
  public var interface: String
  public var address: IPv4Address
  /// The number of leading bits that name the network.
  public var prefix: Int
  /// Where the default route goes; nil: this link has none.
  public var gateway: IPv4Address?
  /// nil: it has no IPv6.
  public var ipv6: Endpoint6?

  /// What a link has of IPv6.
  public struct Endpoint6: Hashable, Sendable {
    public var address: IPv6Address
    public var prefix: Int
    /// Where the default route goes; nil: this link has none.
    public var gateway: IPv6Address?

    public init(address: IPv6Address, prefix: Int, gateway: IPv6Address?) {
      self.address = address
      self.prefix = prefix
      self.gateway = gateway
    }
  }

  public init(
    interface: String, address: IPv4Address, prefix: Int, gateway: IPv4Address?, ipv6: Endpoint6? = nil
  ) {
    self.interface = interface
    self.address = address
    self.prefix = prefix
    self.gateway = gateway
    self.ipv6 = ipv6
  }
}

/// A device node in the container's /dev.
public struct DeviceNode: Hashable, Sendable {
  public enum Kind: Hashable, Sendable { case character, block }
  /// Below /dev, such as `net/tun`.
  public var path: String
  public var kind: Kind
  public var major: UInt32
  public var minor: UInt32
  /// Permissions, such as 0o660.
  public var mode: UInt32
  public var owner: UInt32
  public var group: UInt32

  public init(
    path: String, kind: Kind = .character, major: UInt32, minor: UInt32, mode: UInt32 = 0o666,
    owner: UInt32 = 0, group: UInt32 = 0
  ) {
    self.path = path
    self.kind = kind
    self.major = major
    self.minor = minor
    self.mode = mode
    self.owner = owner
    self.group = group
  }
}

/// The window of a terminal, in characters.
public struct TerminalSize: Hashable, Sendable {
  public var rows: UInt16
  public var columns: UInt16
  public init(rows: UInt16, columns: UInt16) {
    self.rows = rows
    self.columns = columns
  }
}
