/// What is wanted, as flat maps that can be compared with what is there.
public struct DesiredState: Codable, Hashable, Sendable {
  public var stack: String
  /// One entry for each replica that should exist.
  public var containers: [Slot: ContainerSpec]
  /// By key in the file.
  public var networks: [String: NetworkDefinition]
  /// By key in the file.
  public var volumes: [String: VolumeDefinition]
  /// What a service waits for, by its name; only services that are wanted.
  public var dependencies: [String: [String: Dependency]]
  /// Services that are to be kept but not run.
  public var stoppedServices: Set<String>

  public init(
    stack: String, containers: [Slot: ContainerSpec] = [:],
    networks: [String: NetworkDefinition] = [:], volumes: [String: VolumeDefinition] = [:],
    dependencies: [String: [String: Dependency]] = [:], stoppedServices: Set<String> = []
  ) {
    self.stack = stack
    self.containers = containers
    self.networks = networks
    self.volumes = volumes
    self.dependencies = dependencies
    self.stoppedServices = stoppedServices
  }

  /// Nothing of the stack: what `down` wants. Volumes are kept by the planner unless it is told.
  public static func nothing(of stack: String) -> DesiredState { DesiredState(stack: stack) }
}

/// What one container is made from: a slot and the service's template.
///
/// The runtime stores it whole beside the container, so that what runs can be compared with what
/// is wanted field by field.
public struct ContainerSpec: Codable, Hashable, Sendable {
  public var slot: Slot
  public var template: ContainerTemplate

  public init(slot: Slot, template: ContainerTemplate) {
    self.slot = slot
    self.template = template
  }

  /// The container's name: `STACK-SERVICE-NUMBER`, or what the file chose.
  public var name: String {
    template.containerName ?? "\(slot.stack)-\(slot.service)-\(slot.number)"
  }
}
