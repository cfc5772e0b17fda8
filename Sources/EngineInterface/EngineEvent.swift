public import Stacks

/// Something that happened to a container, network or volume.
public struct EngineEvent: Codable, Hashable, Sendable {
  public enum Kind: String, Codable, Hashable, Sendable {
    case container, network, volume
    /// A replica of a service, or what belongs to the stack, that is not as it is wanted.
    case service, stack
  }

  /// What happened, in the words of Docker's events.
  public enum Action: String, Codable, Hashable, CaseIterable, Sendable {
    case create, start, kill, die, oom, stop, destroy, update
    case healthy = "health_status: healthy"
    case unhealthy = "health_status: unhealthy"
    /// Something that is only observed is not as it is wanted.
    case drift
    /// It is again, or a command is putting it right.
    case driftEnd = "drift_end"
  }

  public var time: Moment
  public var kind: Kind
  public var action: Action
  public var stack: String
  /// The container's ID; a network's or volume's name.
  public var id: String
  /// The name on the machine.
  public var name: String
  /// nil: it is no container.
  public var container: Container?
  /// With `drift`: whose replica it is; nil: it is none.
  public var service: String?
  /// With `drift`: what is not as it is wanted, and why.
  public var reason: String?

  /// What is told of a container besides.
  public struct Container: Codable, Hashable, Sendable {
    public var instance: Instance
    /// The service that it is a replica or a one-off container of.
    public var service: String
    public var image: ImageReference
    public var labels: [String: String]
    /// With `die`: how it ended.
    public var exitCode: Int32?
    /// With `kill`: the signal's number.
    public var signal: Int32?

    public init(
      instance: Instance, service: String? = nil, image: ImageReference, labels: [String: String] = [:],
      exitCode: Int32? = nil, signal: Int32? = nil
    ) {
      self.service = service ?? instance.slot.service
      self.instance = instance
      self.image = image
      self.labels = labels
      self.exitCode = exitCode
      self.signal = signal
    }
  }

  public init(
    time: Moment, kind: Kind, action: Action, stack: String, id: String, name: String,
    container: Container? = nil
  ) {
    self.time = time
    self.kind = kind
    self.action = action
    self.stack = stack
    self.id = id
    self.name = name
    self.container = container
  }
}
