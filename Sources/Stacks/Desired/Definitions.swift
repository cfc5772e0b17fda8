/// A network as the stack file declares it.
public struct NetworkDefinition: Codable, Hashable, Sendable {
  /// The name on the machine; `STACK_KEY` unless the file gives one.
  public var name: String
  /// True: it must exist already and is never made or removed.
  public var isExternal: Bool
  /// True: nothing outside the network can be reached from it.
  public var isInternal: Bool
  /// nil: the engine chooses a free one.
  public var subnet: IPv4Subnet?
  /// nil: the first address of the subnet.
  public var gateway: IPv4Address?
  public var labels: [String: String]

  public init(
    name: String, isExternal: Bool = false, isInternal: Bool = false, subnet: IPv4Subnet? = nil,
    gateway: IPv4Address? = nil, labels: [String: String] = [:]
  ) {
    self.name = name
    self.isExternal = isExternal
    self.isInternal = isInternal
    self.subnet = subnet
    self.gateway = gateway
    self.labels = labels
  }
}

/// A volume as the stack file declares it.
public struct VolumeDefinition: Codable, Hashable, Sendable {
  /// The name on the machine; `STACK_KEY` unless the file gives one.
  public var name: String
  /// True: it must exist already and is never made or removed.
  public var isExternal: Bool
  public var labels: [String: String]

  public init(name: String, isExternal: Bool = false, labels: [String: String] = [:]) {
    self.name = name
    self.isExternal = isExternal
    self.labels = labels
  }
}
