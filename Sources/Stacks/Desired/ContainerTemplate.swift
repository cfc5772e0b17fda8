/// Everything about a service's containers that is the same for each replica.
///
/// A field that is nil, or an empty list, means that the image's own value or the engine's default
/// counts. A field that is added later must decode to its default, so that `==` on specs stored
/// by an older version still means "nothing changed".
public struct ContainerTemplate: Codable, Hashable, Sendable {
  public var image: ImageReference
  /// nil: the image's; an empty list: none, the image's is dropped.
  public var command: [String]?
  /// nil: the image's; an empty list: none, the image's is dropped.
  public var entrypoint: [String]?
  /// By name. A nil value removes the variable that the image sets.
  public var environment: [String: String?]
  /// `USER[:GROUP]` by name or number; nil: the image's.
  public var user: String?
  /// nil: the image's, or `/`.
  public var workingDirectory: String?
  /// nil: the first 12 digits of the container's ID.
  public var hostname: String?
  /// `container_name`; nil: `STACK-SERVICE-NUMBER`. Only where replicas is at most 1.
  public var containerName: String?
  public var labels: [String: String]
  public var tty: Bool
  public var stdinOpen: Bool

  public var networks: [String: NetworkAttachment]
  public var ports: [PortMapping]
  public var mounts: [MountSpec]

  public var resources: Resources
  public var ulimits: [String: Ulimit]
  public var security: Security
  /// `init: true`: process 1 is ours, reaps, and forwards signals.
  public var runsInit: Bool

  public var healthcheck: Healthcheck?
  public var restart: RestartPolicy
  /// nil: the image's, or SIGTERM. A name such as `SIGTERM`, upper case and with `SIG`.
  public var stopSignal: String?
  /// How long after the stop signal the container is killed.
  public var stopGracePeriod: Span

  public init(
    image: ImageReference, command: [String]? = nil, entrypoint: [String]? = nil,
    environment: [String: String?] = [:], user: String? = nil, workingDirectory: String? = nil,
    hostname: String? = nil, containerName: String? = nil, labels: [String: String] = [:],
    tty: Bool = false, stdinOpen: Bool = false, networks: [String: NetworkAttachment] = [:],
    ports: [PortMapping] = [], mounts: [MountSpec] = [], resources: Resources = Resources(),
    ulimits: [String: Ulimit] = [:], security: Security = Security(), runsInit: Bool = false,
    healthcheck: Healthcheck? = nil, restart: RestartPolicy = .no, stopSignal: String? = nil,
    stopGracePeriod: Span = .seconds(10)
  ) {
    self.image = image
    self.command = command
    self.entrypoint = entrypoint
    self.environment = environment
    self.user = user
    self.workingDirectory = workingDirectory
    self.hostname = hostname
    self.containerName = containerName
    self.labels = labels
    self.tty = tty
    self.stdinOpen = stdinOpen
    self.networks = networks
    self.ports = ports
    self.mounts = mounts
    self.resources = resources
    self.ulimits = ulimits
    self.security = security
    self.runsInit = runsInit
    self.healthcheck = healthcheck
    self.restart = restart
    self.stopSignal = stopSignal
    self.stopGracePeriod = stopGracePeriod
  }
}

/// One of a service's networks. The service's name and the container's name are always aliases.
public struct NetworkAttachment: Codable, Hashable, Sendable {
  /// Further names that the container answers to on this network.
  public var aliases: [String]
  /// A fixed address; nil: the next free one.
  public var address: IPv4Address?

  public init(aliases: [String] = [], address: IPv4Address? = nil) {
    self.aliases = aliases
    self.address = address
  }
}

/// One published port.
public struct PortMapping: Codable, Hashable, Comparable, Sendable, CustomStringConvertible {
  public enum Transport: String, Codable, Hashable, Sendable { case tcp, udp }
  public var transport: Transport
  /// The address on the host to listen at; `0.0.0.0` is every address.
  public var hostAddress: IPv4Address
  /// The port on the host; 0: one that is free is chosen when the container is created.
  public var hostPort: UInt16
  /// The port in the container.
  public var containerPort: UInt16

  public init(
    transport: Transport = .tcp, hostAddress: IPv4Address = .any, hostPort: UInt16,
    containerPort: UInt16
  ) {
    self.transport = transport
    self.hostAddress = hostAddress
    self.hostPort = hostPort
    self.containerPort = containerPort
  }

  /// `0.0.0.0:8080->80/tcp`, as `docker ps` shows it.
  public var description: String {
    "\(hostAddress):\(hostPort)->\(containerPort)/\(transport.rawValue)"
  }

  public static func < (a: PortMapping, b: PortMapping) -> Bool {
    (a.hostPort, a.containerPort, a.hostAddress, a.transport.rawValue)
      < (b.hostPort, b.containerPort, b.hostAddress, b.transport.rawValue)
  }
}

/// One mount of a container besides those that the runtime makes by itself.
public struct MountSpec: Codable, Hashable, Sendable {
  public enum Source: Codable, Hashable, Sendable {
    /// A path on the host, absolute. `createIfMissing` makes a directory there, as the short
    /// form in a stack file asks.
    case bind(path: String, createIfMissing: Bool)
    /// A volume of the stack, by its key in the file.
    case volume(key: String)
    /// A volume that lives and dies with the container.
    case anonymous
    /// Memory. Sizes in bytes; nil: half of the memory. The mode is for the root of it.
    case tmpfs(size: UInt64?, mode: UInt32?)
  }
  public var source: Source
  /// The absolute path in the container.
  public var target: String
  public var isReadOnly: Bool

  public init(source: Source, target: String, isReadOnly: Bool = false) {
    self.source = source
    self.target = target
    self.isReadOnly = isReadOnly
  }
}

/// `deploy.resources`, `cpus`, `mem_limit`, `pids_limit`. nil is always "no limit".
public struct Resources: Codable, Hashable, Sendable {
  /// Hard limit of memory in bytes.
  public var memoryLimit: UInt64?
  /// Memory in bytes that is kept from reclaim (cgroup v2 `memory.low`, v1 soft limit).
  public var memoryReservation: UInt64?
  /// CPUs, in thousandths: 1500 is one and a half.
  public var cpuLimit: UInt64?
  /// CPUs reserved, in thousandths; a relative weight where CPUs are contended.
  public var cpuReservation: UInt64?
  public var pidsLimit: UInt64?

  public init(
    memoryLimit: UInt64? = nil, memoryReservation: UInt64? = nil, cpuLimit: UInt64? = nil,
    cpuReservation: UInt64? = nil, pidsLimit: UInt64? = nil
  ) {
    self.memoryLimit = memoryLimit
    self.memoryReservation = memoryReservation
    self.cpuLimit = cpuLimit
    self.cpuReservation = cpuReservation
    self.pidsLimit = pidsLimit
  }
}

/// One `ulimits` entry; `UInt64.max` is unlimited. The key is the name without `RLIMIT_`, lower case.
public struct Ulimit: Codable, Hashable, Sendable {
  public var soft: UInt64
  public var hard: UInt64

  public init(soft: UInt64, hard: UInt64) {
    self.soft = soft
    self.hard = hard
  }
}

/// What a container may do beyond or below the default.
public struct Security: Codable, Hashable, Sendable {
  /// Capability names without `CAP_`, upper case, sorted; `ALL` stands for each.
  public var addedCapabilities: [String]
  public var droppedCapabilities: [String]
  public var isPrivileged: Bool
  /// The container's root file system is read-only.
  public var hasReadOnlyRoot: Bool
  /// `no-new-privileges`: set-user-ID programs gain nothing.
  public var forbidsNewPrivileges: Bool

  public init(
    addedCapabilities: [String] = [], droppedCapabilities: [String] = [],
    isPrivileged: Bool = false, hasReadOnlyRoot: Bool = false, forbidsNewPrivileges: Bool = false
  ) {
    self.addedCapabilities = addedCapabilities
    self.droppedCapabilities = droppedCapabilities
    self.isPrivileged = isPrivileged
    self.hasReadOnlyRoot = hasReadOnlyRoot
    self.forbidsNewPrivileges = forbidsNewPrivileges
  }
}

/// How the engine finds out whether a running container is well.
public struct Healthcheck: Codable, Hashable, Sendable {
  public enum Test: Codable, Hashable, Sendable {
    /// `["CMD", …]`: the program and its arguments.
    case exec([String])
    /// `["CMD-SHELL", …]` or a string: given to `/bin/sh -c`.
    case shell(String)
  }
  /// nil: the image's test.
  public var test: Test?
  public var interval: Span
  public var timeout: Span
  /// How many failures in a row make it unhealthy; at least 1.
  public var retries: Int
  /// Failures this soon after the start do not count.
  public var startPeriod: Span
  /// The interval in the start period.
  public var startInterval: Span
  /// `disable: true` or `test: [NONE]`: the image's check is switched off.
  public var isDisabled: Bool

  public init(
    test: Test?, interval: Span = .seconds(30), timeout: Span = .seconds(30), retries: Int = 3,
    startPeriod: Span = .zero, startInterval: Span = .seconds(5), isDisabled: Bool = false
  ) {
    self.test = test
    self.interval = interval
    self.timeout = timeout
    self.retries = retries
    self.startPeriod = startPeriod
    self.startInterval = startInterval
    self.isDisabled = isDisabled
  }
}

/// `restart`, or `deploy.restart_policy`.
public enum RestartPolicy: Codable, Hashable, Sendable {
  case no
  case always
  case unlessStopped
  /// `maximum` nil: without end.
  case onFailure(maximum: Int?)
}
