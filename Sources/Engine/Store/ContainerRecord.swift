internal import FoundationEssentials
package import Stacks

/// What the engine writes down about one container when it is made, and about its last start.
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
  /// Starts since it last ran long enough to count as settled.
  package var recentStarts: Int
  package var lastStart: Moment?
  /// How long it ran before it first failed by itself; nil: it has not, or not before its last start.
  package var firstRun: Span?
  /// The engine was told to stop it, and it has not been started since; nil: it was not.
  package var stop: ContainerState.Stopping?
  /// It was told to end, and hooks run before the stop signal, which it has not been sent yet; nil: no.
  package var awaitsSignal: Bool?
  /// Why the last start failed; nil where it did not.
  package var startFailure: StartFailure?

  /// It has an IPv6 address on one of its networks.
  package var hasIPv6: Bool { addresses6?.isEmpty == false }

  package struct StartFailure: Codable, Hashable, Sendable {
    package var at: Moment
    package var message: String
    /// 127: no such program, 126: it cannot be run, 128: something else.
    package var code: Int32
  }
}
