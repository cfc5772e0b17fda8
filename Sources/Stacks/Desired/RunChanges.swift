/// How a one-off container differs from a replica of its service, as the options of `cairn run` say it.
public struct RunChanges: Sendable {
  /// nil: `PROJECT-KEY`.
  public var name: String?
  public var hasTerminal: Bool
  /// Its standard input stays open until somebody closes it.
  public var hasInput: Bool
  /// It publishes the service's ports.
  public var keepsPorts: Bool
  /// The service's name and aliases lead to it too.
  public var usesAliases: Bool
  /// It waits for nothing.
  public var ignoresDependencies: Bool
  /// How long it is kept once it has ended; nil: until the stack is taken down.
  public var keptFor: Span?

  public init(
    name: String? = nil, hasTerminal: Bool = false, hasInput: Bool = false, keepsPorts: Bool = false,
    usesAliases: Bool = false, ignoresDependencies: Bool = false, keptFor: Span? = nil
  ) {
    self.name = name
    self.hasTerminal = hasTerminal
    self.hasInput = hasInput
    self.keepsPorts = keepsPorts
    self.usesAliases = usesAliases
    self.ignoresDependencies = ignoresDependencies
    self.keptFor = keptFor
  }
}

extension Stack {
  /// A one-off container of a service or a job under `key`; nil: there is none of that name.
  ///
  /// It is never started again, has an address of its own where the service's is fixed, and no alias
  /// unless it is asked for, so that it can run beside the replicas.
  public func oneOff(of serviceName: String, as key: String, _ changes: RunChanges) -> OneOff? {
    let job = jobs[serviceName].map { Service(template: $0.template, dependencies: $0.dependencies) }
    guard let service = services[serviceName] ?? job else { return nil }
    return oneOff(of: serviceName, service, as: key, changes)
  }

  func oneOff(of serviceName: String, _ service: Service, as key: String, _ changes: RunChanges) -> OneOff {
    var template = service.template
    template.containerName = changes.name ?? "\(name)-\(key)"
    template.tty = changes.hasTerminal
    template.stdinOpen = changes.hasInput
    template.restart = .no
    template.restartTiming = RestartTiming()
    if !changes.keepsPorts { template.ports = [] }
    for (network, attachment) in template.networks {
      template.networks[network]?.address = nil
      template.networks[network]?.hardwareAddress = nil
      template.networks[network]?.aliases = changes.usesAliases ? [serviceName] + attachment.aliases : []
    }
    return OneOff(
      service: serviceName, template: template,
      dependencies: changes.ignoresDependencies ? [:] : service.dependencies, keptFor: changes.keptFor)
  }
}
