/// The whole truth about one stack at one moment. It is complete, or it was not made.
public struct ObservedState: Codable, Hashable, Sendable {
  public var stack: String
  /// Every container of the stack, whatever its state.
  public var containers: [ContainerID: ObservedContainer]
  /// The networks of the stack that exist, and external ones that it uses, by name on the machine.
  public var networks: [String: ObservedNetwork]
  /// The volumes of the stack that exist, and external ones that it uses, by name on the machine.
  public var volumes: [String: ObservedVolume]
  /// What each image name that is wanted stands for; a name that is absent here is not stored.
  public var images: [ImageReference: Digest]
  /// The names of containers outside the stack, with the words for each, such as `stack blog`: no
  /// container of the stack can have one of these names.
  public var otherNames: [String: String]

  public init(
    stack: String, containers: [ContainerID: ObservedContainer] = [:],
    networks: [String: ObservedNetwork] = [:], volumes: [String: ObservedVolume] = [:],
    images: [ImageReference: Digest] = [:], otherNames: [String: String] = [:]
  ) {
    self.stack = stack
    self.containers = containers
    self.networks = networks
    self.volumes = volumes
    self.images = images
    self.otherNames = otherNames
  }
}

/// One container as it is found.
public struct ObservedContainer: Codable, Hashable, Sendable {
  public var id: ContainerID
  public var instance: Instance
  /// What it was made from.
  @Boxed public var spec: ContainerSpec
  /// The image it was made from.
  public var image: Digest
  /// What the images that its mounts show stood for when it was made.
  public var mountedImages: [ImageReference: Digest]
  public var createdAt: Moment
  /// The addresses it has, by network name on the machine; kept over restarts.
  public var addresses: [String: IPv4Address]
  /// Its IPv6 addresses, by the names of those networks that have them.
  public var addresses6: [String: IPv6Address]
  /// It has volumes without a name.
  public var hasAnonymousVolumes: Bool
  /// Its published ports with the host ports that were chosen.
  public var ports: [PortMapping]
  /// How many times it has been started since it last stayed up for `RestartPolicy.settledAfter`;
  /// the first start counts, so it is 1 after that. Failed starts count. 0: never started.
  public var recentStarts: Int
  /// How long it ran before it first failed by itself, zero where it could not be started; nil: it
  /// never did, or only since its last start.
  public var firstRun: Span?
  public var state: ContainerState
  /// The networks, by name on the machine, that it runs without a link to though it is attached.
  public var lostNetworks: Set<String>

  public init(
    id: ContainerID, instance: Instance, spec: ContainerSpec, image: Digest,
    mountedImages: [ImageReference: Digest] = [:], createdAt: Moment = Moment(nanoseconds: 0),
    addresses: [String: IPv4Address] = [:],
    addresses6: [String: IPv6Address] = [:], hasAnonymousVolumes: Bool = false, ports: [PortMapping] = [],
    recentStarts: Int = 0,
    firstRun: Span? = nil,
    state: ContainerState = .created, lostNetworks: Set<String> = []
  ) {
    self.id = id
    self.instance = instance
    self.spec = spec
    self.image = image
    self.mountedImages = mountedImages
    self.createdAt = createdAt
    self.addresses = addresses
    self.addresses6 = addresses6
    self.hasAnonymousVolumes = hasAnonymousVolumes
    self.ports = ports
    self.recentStarts = recentStarts
    self.firstRun = firstRun
    self.state = state
    self.lostNetworks = lostNetworks
  }
}

/// Where a container is in its life; each case carries what exists in that state.
public enum ContainerState: Codable, Hashable, Sendable {
  /// Its record is not whole: a crash cut its creation or removal short. It can only be removed.
  case broken(reason: String)
  /// Recorded, never started.
  case created
  case running(Running)
  case exited(Exited)

  public struct Running: Codable, Hashable, Sendable {
    /// The process ID in the host's PID namespace.
    public var pid: Int32
    public var startedAt: Moment
    public var health: Health
    /// When `health` became what it is; nil: at the start, or it is not known.
    public var healthSince: Moment?
    /// It was asked to end and has not yet; nil: nobody has asked.
    public var stopping: Stopping?

    public init(
      pid: Int32, startedAt: Moment, health: Health = .none, healthSince: Moment? = nil,
      stopping: Stopping? = nil
    ) {
      self.pid = pid
      self.startedAt = startedAt
      self.health = health
      self.healthSince = healthSince
      self.stopping = stopping
    }
  }

  /// The stop signal has been sent.
  public struct Stopping: Codable, Hashable, Sendable {
    public var since: Moment
    /// When it is killed if it runs on.
    public var killAt: Moment
    public var cause: StopCause

    public init(since: Moment, killAt: Moment, cause: StopCause = .asked) {
      self.since = since
      self.killAt = killAt
      self.cause = cause
    }
  }

  public struct Exited: Codable, Hashable, Sendable {
    /// The exit status; 128 and the signal's number where a signal ended it.
    public var code: Int32
    public var startedAt: Moment
    public var finishedAt: Moment
    /// The kernel killed a process of it for want of memory.
    public var wasOutOfMemory: Bool
    /// It ended because the engine was told to stop it, not by itself.
    public var wasStopped: Bool
    /// The engine ended it because its health check failed: it counts as a failure of its own.
    public var wasUnhealthy: Bool
    /// Why it could not be started; nil where it ran.
    public var startFailure: String?

    public init(
      code: Int32, startedAt: Moment, finishedAt: Moment, wasOutOfMemory: Bool = false,
      wasStopped: Bool = false, wasUnhealthy: Bool = false, startFailure: String? = nil
    ) {
      self.code = code
      self.startedAt = startedAt
      self.finishedAt = finishedAt
      self.wasOutOfMemory = wasOutOfMemory
      self.wasStopped = wasStopped
      self.wasUnhealthy = wasUnhealthy
      self.startFailure = startFailure
    }
  }
}

/// What the health check says.
public enum Health: String, Codable, Hashable, Sendable {
  /// There is no check.
  case none
  case starting, healthy, unhealthy
}

/// One network as it is found.
public struct ObservedNetwork: Codable, Hashable, Sendable {
  public var name: String
  /// The stack that made it; nil: not ours, or made by hand.
  public var stack: String?
  /// What it was made from.
  public var definition: NetworkDefinition
  public var subnet: IPv4Subnet
  public var gateway: IPv4Address
  /// nil: it has no IPv6.
  public var subnet6: IPv6Subnet?
  /// nil: it has no IPv6.
  public var gateway6: IPv6Address?
  /// What is wrong with it, so that it must be made again, such as `its bridge is gone`; nil: nothing.
  public var fault: String?
  /// Nothing is wrong with it.
  public var isUp: Bool { fault == nil }
  /// The names of containers outside the stack that are attached to it, sorted. While there is one,
  /// the network is not removed.
  public var otherUsers: [String]

  public init(
    name: String, stack: String?, definition: NetworkDefinition, subnet: IPv4Subnet,
    gateway: IPv4Address, subnet6: IPv6Subnet? = nil, gateway6: IPv6Address? = nil, fault: String? = nil,
    otherUsers: [String] = []
  ) {
    self.name = name
    self.stack = stack
    self.definition = definition
    self.subnet = subnet
    self.gateway = gateway
    self.subnet6 = subnet6
    self.gateway6 = gateway6
    self.fault = fault
    self.otherUsers = otherUsers
  }
}

/// One volume as it is found.
public struct ObservedVolume: Codable, Hashable, Sendable {
  public var name: String
  /// The stack that made it; nil: not ours, or made by hand.
  public var stack: String?
  public var definition: VolumeDefinition
  /// The names of containers outside the stack that mount it, sorted. While there is one, the volume
  /// is not removed.
  public var otherUsers: [String]

  public init(
    name: String, stack: String?, definition: VolumeDefinition, otherUsers: [String] = []
  ) {
    self.name = name
    self.stack = stack
    self.definition = definition
    self.otherUsers = otherUsers
  }
}
