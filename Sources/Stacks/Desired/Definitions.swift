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
  /// `ip_range`: where containers without a fixed address get one; nil: anywhere in the subnet.
  public var range: IPv4Subnet?
  /// `aux_addresses`: addresses that no container gets, by what they are for.
  public var reserved: [String: IPv4Address]
  /// What it has of IPv6 beside IPv4 (`enable_ipv6`); nil: nothing.
  public var ipv6: IPv6Part?
  /// The largest packet on its links, in bytes; nil: the kernel's 1500.
  public var mtu: Int?
  public var labels: [String: String]

  public init(
    name: String, isExternal: Bool = false, isInternal: Bool = false, subnet: IPv4Subnet? = nil,
    gateway: IPv4Address? = nil, range: IPv4Subnet? = nil, reserved: [String: IPv4Address] = [:],
    ipv6: IPv6Part? = nil, mtu: Int? = nil, labels: [String: String] = [:]
  ) {
    self.name = name
    self.isExternal = isExternal
    self.isInternal = isInternal
    self.subnet = subnet
    self.gateway = gateway
    self.range = range
    self.reserved = reserved
    self.ipv6 = ipv6
    self.mtu = mtu
    self.labels = labels
  }
}

/// What a network has of IPv6.
public struct IPv6Part: Codable, Hashable, Sendable {
  /// nil: the engine chooses one of its own (RFC 4193).
  public var subnet: IPv6Subnet?
  /// nil: the first address behind that of the subnet.
  public var gateway: IPv6Address?
  /// `ip_range`: where containers without a fixed address get one; nil: anywhere in the subnet.
  public var range: IPv6Subnet?
  /// `aux_addresses`: addresses that no container gets, by what they are for.
  public var reserved: [String: IPv6Address]

  public init(
    subnet: IPv6Subnet? = nil, gateway: IPv6Address? = nil, range: IPv6Subnet? = nil,
    reserved: [String: IPv6Address] = [:]
  ) {
    self.subnet = subnet
    self.gateway = gateway
    self.range = range
    self.reserved = reserved
  }
}

/// A volume as the stack file declares it.
public struct VolumeDefinition: Codable, Hashable, Sendable {
  /// The name on the machine; `STACK_KEY` unless the file gives one.
  public var name: String
  /// True: it must exist already and is never made or removed.
  public var isExternal: Bool
  /// A directory of the host that is the volume (`driver_opts` with `o: bind`); nil: the engine's own place.
  public var device: String?
  /// What is mounted as the volume (`driver_opts` with another type); nil: nothing is.
  public var fileSystem: FileSystem?
  public var labels: [String: String]

  public init(
    name: String, isExternal: Bool = false, device: String? = nil, fileSystem: FileSystem? = nil,
    labels: [String: String] = [:]
  ) {
    self.name = name
    self.isExternal = isExternal
    self.device = device
    self.fileSystem = fileSystem
    self.labels = labels
  }
}

/// A file system that is mounted as a volume, as mount(8) has it.
public struct FileSystem: Codable, Hashable, Sendable, CustomStringConvertible {
  /// Such as `tmpfs` or `nfs`.
  public var type: String
  /// What is mounted, such as `/dev/sdb1` or `:/export`.
  public var device: String
  /// In the order of the file, such as `size=10m` and `ro`.
  public var options: [String]

  public init(type: String, device: String, options: [String] = []) {
    self.type = type
    self.device = device
    self.options = options
  }

  public var description: String {
    "\(type) \(device)" + (options.isEmpty ? "" : " with \(options.joined(separator: ","))")
  }
}
