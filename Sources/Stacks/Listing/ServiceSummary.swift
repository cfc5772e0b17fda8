/// One line of a listing of services: how many of its containers run of how many that should.
public struct ServiceSummary: Codable, Hashable, Sendable {
  public var service: String
  public var image: ImageReference?
  /// Containers that run.
  public var running: Int
  /// Of those that run, how many have a check that passes.
  public var healthy: Int
  /// Of those that run, how many have a check that fails.
  public var unhealthy: Int
  /// How many should run; 0 where the service is stopped.
  public var desired: Int
  /// Containers that exist, in whatever state.
  public var existing: Int
  /// The service is not in the stack.
  public var isOrphan: Bool
  /// How many of its replicas are not as they are wanted and are only reported.
  public var drift: Int

  public init(
    service: String, image: ImageReference?, running: Int, healthy: Int = 0, unhealthy: Int = 0,
    desired: Int, existing: Int, isOrphan: Bool = false, drift: Int = 0
  ) {
    self.service = service
    self.image = image
    self.running = running
    self.healthy = healthy
    self.unhealthy = unhealthy
    self.desired = desired
    self.existing = existing
    self.isOrphan = isOrphan
    self.drift = drift
  }

  /// `2/3`.
  public var count: String { "\(running)/\(desired)" }

  /// A summary for each service that is wanted or has a container, sorted by name.
  public static func list(_ observed: ObservedState, _ desired: DesiredState) -> [ServiceSummary] {
    let present = Dictionary(grouping: observed.containers.values.filter { $0.spec.oneOffOf == nil }) {
      $0.instance.slot.service
    }
    let wanted = Dictionary(grouping: desired.containers.values, by: \.slot.service)
    let known = desired.services.union(wanted.keys)
    return known.union(present.keys).sorted().map { service in
      let containers = present[service] ?? []
      let health = containers.compactMap { container in
        if case .running(let running) = container.state { running.health } else { nil }
      }
      let anySpec = wanted[service]?.first ?? containers.max { $0.instance < $1.instance }?.spec
      return ServiceSummary(
        service: service, image: anySpec?.template.image, running: health.count,
        healthy: health.count { $0 == .healthy }, unhealthy: health.count { $0 == .unhealthy },
        desired: desired.stoppedServices.contains(service) ? 0 : wanted[service]?.count ?? 0,
        existing: containers.count, isOrphan: !known.contains(service))
    }
  }
}
