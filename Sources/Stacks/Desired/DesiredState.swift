/// What is wanted, as flat maps that can be compared with what is there.
public struct DesiredState: Codable, Hashable, Sendable {
  public var stack: String
  /// One entry for each replica that should exist.
  ///
  /// What counts is how many entries a service has: the planner keeps replicas that exist under
  /// other numbers rather than replace them (see `Plan.make`).
  public var containers: [Slot: ContainerSpec]
  /// By key in the file.
  public var networks: [String: NetworkDefinition]
  /// By key in the file.
  public var volumes: [String: VolumeDefinition]
  /// Every service of the stack, also those with no replica. A container of any other service is an
  /// orphan. The services of `containers` belong to it whether they are listed here or not.
  public var services: Set<String>
  /// What a service waits for, by its name. Services that are no longer wanted may be in it: then
  /// it orders their stops.
  public var dependencies: [String: [String: Dependency]]
  /// Services that are to be kept but not run.
  public var stoppedServices: Set<String>
  /// What the user asked for by hand, by service.
  public var asked: [String: Asked]
  /// How a service's replicas are replaced; one that is absent: all at once.
  public var updates: [String: UpdatePolicy]
  /// Services with an update under way that can be taken back.
  public var undoable: Set<String>
  /// Services in which nothing is changed: what is not as it is wanted is reported.
  public var watchedServices: Set<String>
  /// Services that are an entry of `pre_start`: what has ended well there is not run again.
  public var preparations: Set<String>
  /// What the user should know of it besides.
  public var remarks: [String]
  public var jobs: [String: Job]
  /// One-off containers by key, which is the service of their slot.
  public var oneOffs: [String: WantedOneOff]

  public init(
    stack: String, containers: [Slot: ContainerSpec] = [:],
    networks: [String: NetworkDefinition] = [:], volumes: [String: VolumeDefinition] = [:],
    services: Set<String> = [], dependencies: [String: [String: Dependency]] = [:],
    stoppedServices: Set<String> = [], asked: [String: Asked] = [:],
    updates: [String: UpdatePolicy] = [:], undoable: Set<String> = [],
    watchedServices: Set<String> = [], preparations: Set<String> = [], remarks: [String] = [],
    jobs: [String: Job] = [:],
    oneOffs: [String: WantedOneOff] = [:]
  ) {
    self.stack = stack
    self.containers = containers
    self.networks = networks
    self.volumes = volumes
    self.services = services
    self.dependencies = dependencies
    self.stoppedServices = stoppedServices
    self.asked = asked
    self.updates = updates
    self.undoable = undoable
    self.watchedServices = watchedServices
    self.preparations = preparations
    self.remarks = remarks
    self.jobs = jobs
    self.oneOffs = oneOffs
  }

  /// Nothing of the stack, for a stack whose file is not known: containers are stopped in no
  /// particular order.
  public static func nothing(of stack: String) -> DesiredState { DesiredState(stack: stack) }

  /// Nothing of the stack: what `down` wants, with `PlanOptions.down`. What its services depended
  /// on is kept, so that dependents are stopped before what they use.
  public static func nothing(of previous: Stack) -> DesiredState {
    DesiredState(
      stack: previous.name, services: Set(previous.services.keys),
      dependencies: previous.services.mapValues(\.dependencies).merging(
        previous.oneOffs.mapValues(\.dependencies)
      ) { first, _ in first })
  }
}
