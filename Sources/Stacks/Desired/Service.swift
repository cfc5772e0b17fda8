/// One service of a stack: how many replicas, what each runs, and what it waits for.
public struct Service: Codable, Hashable, Sendable {
  /// How many containers; 0 is allowed.
  public var replicas: Int
  /// What each replica is, but for its slot.
  @Boxed public var template: ContainerTemplate
  /// What must have happened before a replica is started, by the name of the other service.
  public var dependencies: [String: Dependency]
  /// True after `stop`: its containers are kept and not run until `start` or `up`.
  public var isStopped: Bool
  /// The service's `profiles`, kept for `config`; empty means always active.
  public var profiles: [String]
  /// `attach`: whether `up` in the foreground shows its output.
  public var isAttached: Bool
  /// What the user asked for by hand, and when; the engine fills it in, a stack file never does.
  public var asked: Asked
  /// `deploy.update_config`; nil: replicas that differ are all replaced at once, as Docker Compose does.
  public var update: UpdatePolicy?
  /// `deploy.rollback_config`; nil: as `update`, but a rollback that fails is paused.
  public var rollback: UpdatePolicy?
  /// What the replicas were before the update that is under way, for going back to it; the engine
  /// fills it in. nil: no update is under way, or there is no going back.
  public var fallback: ContainerTemplate?
  /// The update that is under way goes back to what was before, so that `rollback` counts.
  public var isRollingBack: Bool
  /// `x-reconcile`.
  public var reconciliation: Reconciliation
  /// What commands have asked of a service that is only observed is done, or cannot be; the engine fills
  /// it in.
  public var isCarriedOut: Bool
  /// `x-autoscale`; nil: `replicas` changes by hand only.
  public var autoscale: Autoscale?
  /// Why `replicas` is what it is, where the service's use has changed it last; the engine fills it in.
  public var scaledBecause: String?
  /// The service whose `pre_start` this is an entry of; nil: it is a service of the file.
  public var preparesFor: String?

  public init(
    replicas: Int = 1, template: ContainerTemplate, dependencies: [String: Dependency] = [:],
    isStopped: Bool = false, profiles: [String] = [], isAttached: Bool = true, asked: Asked = Asked(),
    update: UpdatePolicy? = nil, rollback: UpdatePolicy? = nil, fallback: ContainerTemplate? = nil,
    isRollingBack: Bool = false, reconciliation: Reconciliation = .enforce, isCarriedOut: Bool = false,
    autoscale: Autoscale? = nil, scaledBecause: String? = nil, preparesFor: String? = nil
  ) {
    self.replicas = replicas
    self.template = template
    self.dependencies = dependencies
    self.isStopped = isStopped
    self.profiles = profiles
    self.isAttached = isAttached
    self.asked = asked
    self.update = update
    self.rollback = rollback
    self.fallback = fallback
    self.isRollingBack = isRollingBack
    self.reconciliation = reconciliation
    self.isCarriedOut = isCarriedOut
    self.autoscale = autoscale
    self.scaledBecause = scaledBecause
    self.preparesFor = preparesFor
  }
}

extension Service {
  /// On a container of `pre_start`: `SERVICE@HASH`, so that it differs, and runs anew, when what the
  /// service's containers are made of has changed.
  public static let preparationLabel = "io.cairn.pre-start"

  /// How replicas that differ are replaced now; nil: all at once.
  public var updatePolicy: UpdatePolicy? {
    guard isRollingBack else { return update }
    var policy = rollback ?? update
    if policy?.failureAction == .rollback { policy?.failureAction = .pause }
    return policy
  }
}

/// One entry of `depends_on`.
public struct Dependency: Codable, Hashable, Sendable {
  public enum Condition: String, Codable, Hashable, Sendable {
    /// `service_started`: every replica runs or has run.
    case started = "service_started"
    /// `service_healthy`: every replica runs and its health check passes.
    case healthy = "service_healthy"
    /// `service_completed_successfully`: every replica has exited with status 0.
    case completed = "service_completed_successfully"
  }
  public var condition: Condition
  /// Whether dependents are restarted when this dependency is replaced.
  public var restart: Bool
  /// False: where the other service is absent (its profile is not active), it is not waited for.
  public var required: Bool

  public init(condition: Condition = .started, restart: Bool = false, required: Bool = true) {
    self.condition = condition
    self.restart = restart
    self.required = required
  }
}

extension ContainerTemplate {
  /// What a container of `pre_start` prepares for; another one runs when that is another. nil: it is none.
  var preparation: String? { labels[Service.preparationLabel] }
}
