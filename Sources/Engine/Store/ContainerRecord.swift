internal import FoundationEssentials
package import Stacks

/// What the engine writes down about one container.
///
/// Whether it runs, and how it ended, is not here: that is read from the kernel and from what its
/// shim wrote.
package struct ContainerRecord: Codable, Hashable, Sendable {
  package var id: ContainerID
  package var instance: Instance
  package var spec: ContainerSpec
  package var image: Digest
  package var createdAt: Moment
  /// By network name on the machine.
  package var addresses: [String: IPv4Address]
  /// Its IPv6 addresses, by network name on the machine; nil in a record of an older version: none.
  package var addresses6: [String: IPv6Address]?
  /// With the host ports that were chosen.
  package var ports: [PortMapping]
  /// Names of its anonymous volumes by their path in the container.
  package var anonymousVolumes: [String: String]
  /// What the images that its mounts show stood for; nil in a record of an older version: there were none.
  package var mountedImages: [ImageReference: Digest]?
  /// What is known of its last start and its end.
  package var run = RunRecord()

  /// It has an IPv6 address on one of its networks.
  package var hasIPv6: Bool { addresses6?.isEmpty == false }
}

extension ContainerRecord {
  /// What is written when it is made or changed; the rest has a file of its own, which is written more
  /// often and is small.
  enum CodingKeys: String, CodingKey {
    case id, instance, spec, image, createdAt, addresses, addresses6, ports, anonymousVolumes, mountedImages
  }
}
