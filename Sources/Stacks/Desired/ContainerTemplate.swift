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
  /// Like labels; shown by the engine and of no effect.
  public var annotations: [String: String]
  public var tty: Bool
  public var stdinOpen: Bool

  public var networks: [String: NetworkAttachment]
  public var ports: [PortMapping]
  public var mounts: [MountSpec]
  public var volumesFrom: [VolumesFrom]
  /// `configs` and `secrets`; made after the mounts, so that a file can lie in one of them.
  public var files: [FileMount]
  public var naming: Naming
  public var sharing: Sharing

  public var resources: Resources
  public var ulimits: [String: Ulimit]
  public var security: Security
  /// `group_add`: further groups of the process, by name or number.
  public var groups: [String]
  /// `sysctls` of the container's own namespaces, such as `net.core.somaxconn`.
  public var sysctls: [String: String]
  /// `shm_size`: the size of /dev/shm in bytes; nil: 64 MiB.
  public var sharedMemory: UInt64?
  public var devices: [DeviceMapping]
  /// `device_cgroup_rules`, such as `c 1:3 rwm`: what may be used beyond `devices`.
  public var deviceRules: [String]
  /// `init: true`: process 1 is ours, reaps, and forwards signals.
  public var runsInit: Bool

  public var healthcheck: Healthcheck?
  public var restart: RestartPolicy
  public var restartTiming: RestartTiming
  /// nil: the image's, or SIGTERM. A name such as `SIGTERM`, upper case and with `SIG`.
  public var stopSignal: String?
  /// How long after the stop signal the container is killed.
  public var stopGracePeriod: Span
  public var logging: LogSettings
  /// Run one after the other once the container has started; one that fails fails the start's step, and the
  /// container goes on.
  public var postStart: [Hook]
  /// Run one after the other before the stop signal, within the grace period.
  public var preStop: [Hook]
  /// `platform`: what the image must be for, such as `linux/amd64`; nil: anything.
  public var platform: String?

  public init(
    image: ImageReference, command: [String]? = nil, entrypoint: [String]? = nil,
    environment: [String: String?] = [:], user: String? = nil, workingDirectory: String? = nil,
    hostname: String? = nil, containerName: String? = nil, labels: [String: String] = [:],
    annotations: [String: String] = [:], tty: Bool = false, stdinOpen: Bool = false,
    networks: [String: NetworkAttachment] = [:], ports: [PortMapping] = [], mounts: [MountSpec] = [],
    volumesFrom: [VolumesFrom] = [],
    files: [FileMount] = [], naming: Naming = Naming(), sharing: Sharing = Sharing(),
    resources: Resources = Resources(),
    ulimits: [String: Ulimit] = [:], security: Security = Security(), groups: [String] = [],
    sysctls: [String: String] = [:], sharedMemory: UInt64? = nil, devices: [DeviceMapping] = [],
    deviceRules: [String] = [], runsInit: Bool = false, healthcheck: Healthcheck? = nil,
    restart: RestartPolicy = .no,
    restartTiming: RestartTiming = RestartTiming(), stopSignal: String? = nil,
    stopGracePeriod: Span = .seconds(10),
    logging: LogSettings = LogSettings(), postStart: [Hook] = [], preStop: [Hook] = [],
    platform: String? = nil
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
    self.annotations = annotations
    self.tty = tty
    self.stdinOpen = stdinOpen
    self.networks = networks
    self.ports = ports
    self.mounts = mounts
    self.volumesFrom = volumesFrom
    self.files = files
    self.naming = naming
    self.sharing = sharing
    self.resources = resources
    self.ulimits = ulimits
    self.security = security
    self.groups = groups
    self.sysctls = sysctls
    self.sharedMemory = sharedMemory
    self.devices = devices
    self.deviceRules = deviceRules
    self.runsInit = runsInit
    self.healthcheck = healthcheck
    self.restart = restart
    self.restartTiming = restartTiming
    self.stopSignal = stopSignal
    self.stopGracePeriod = stopGracePeriod
    self.logging = logging
    self.postStart = postStart
    self.preStop = preStop
    self.platform = platform
  }
}

extension ContainerTemplate {
  /// The images that mounts show, sorted, each once.
  public var mountedImages: [ImageReference] {
    if mounts.isEmpty { return [] }
    return Set(
      mounts.compactMap { mount in
        if case .image(let image) = mount.source { image } else { nil }
      }
    ).sorted()
  }

  /// The container's own image and those that its mounts show.
  public var images: [ImageReference] { [image] + mountedImages }
}

/// One of a service's networks. The service's name and the container's name are always aliases.
public struct NetworkAttachment: Codable, Hashable, Sendable {
  /// Further names that the container answers to on this network.
  public var aliases: [String]
  /// A fixed address; nil: the next free one.
  public var address: IPv4Address?
  /// A fixed IPv6 address; nil: the next free one, where the network has IPv6.
  public var address6: IPv6Address?
  /// `mac_address`, as six pairs of lower-case digits with colons; nil: one made from the address.
  public var hardwareAddress: String?
  /// `interface_name` in the container; nil: `eth0` and so on.
  public var interface: String?
  /// `priority`: the network with the highest is `eth0`.
  public var priority: Int
  /// `gw_priority`: the default route is on the network with the highest that leads outside.
  public var gatewayPriority: Int

  public init(
    aliases: [String] = [], address: IPv4Address? = nil, address6: IPv6Address? = nil,
    hardwareAddress: String? = nil,
    interface: String? = nil, priority: Int = 0, gatewayPriority: Int = 0
  ) {
    self.aliases = aliases
    self.address = address
    self.address6 = address6
    self.hardwareAddress = hardwareAddress
    self.interface = interface
    self.priority = priority
    self.gatewayPriority = gatewayPriority
  }
}

/// One published port.
public struct PortMapping: Codable, Hashable, Comparable, Sendable, CustomStringConvertible {
  public enum Transport: String, Codable, Hashable, Sendable { case tcp, udp }
  public var transport: Transport
  /// The address on the host to listen at; `0.0.0.0` is every address.
  public var hostAddress: IPv4Address
  /// An IPv6 address on the host to listen at instead; `::` is every one. nil: `hostAddress` counts, and
  /// where that is every address and the container has IPv6, every IPv6 address too.
  public var hostAddress6: IPv6Address?
  /// The port on the host; 0: one that is free is chosen when the container is created.
  public var hostPort: UInt16
  /// The last port of a range on the host that begins with `firstHostPort`, of which each replica has
  /// one of its own; nil: there is no range, and replicas share the port.
  public var lastHostPort: UInt16?
  /// The first port of the range; nil where there is none.
  public var firstHostPort: UInt16?
  /// The port in the container.
  public var containerPort: UInt16

  public init(
    transport: Transport = .tcp, hostAddress: IPv4Address = .any, hostAddress6: IPv6Address? = nil,
    hostPort: UInt16, containerPort: UInt16
  ) {
    self.transport = transport
    self.hostAddress = hostAddress
    self.hostAddress6 = hostAddress6
    self.hostPort = hostPort
    self.containerPort = containerPort
  }

  /// Whether it is published on IPv6, for containers that have it.
  public var isOnIPv6: Bool { hostAddress6 != nil || hostAddress == .any }

  /// The address on the host, as it is written: `0.0.0.0`, `::1`.
  public var hostText: String { hostAddress6.map { "\($0)" } ?? "\(hostAddress)" }

  /// Whether each replica has a port of its own.
  var isRange: Bool { firstHostPort != nil && lastHostPort != nil }

  /// The same for the replica with a number: it has the port of the range with that number. 0 where the
  /// range has none for it.
  func numbered(_ number: Int) -> PortMapping {
    guard let firstHostPort, let lastHostPort else { return self }
    var mapping = self
    let port = Int(firstHostPort) + number - 1
    mapping.hostPort = port <= Int(lastHostPort) ? UInt16(port) : 0
    return mapping
  }

  /// `0.0.0.0:8080->80/tcp`, as `docker ps` shows it.
  public var description: String {
    "\(hostAddress6.map { "[\($0)]" } ?? "\(hostAddress)"):\(hostPort)->\(containerPort)/\(transport.rawValue)"
  }

  public static func < (a: PortMapping, b: PortMapping) -> Bool {
    (a.hostPort, a.containerPort, a.hostAddress, a.transport.rawValue, a.hostAddress6?.number ?? 0)
      < (b.hostPort, b.containerPort, b.hostAddress, b.transport.rawValue, b.hostAddress6?.number ?? 0)
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
