// A spec that an older version stored must be equal to one that says the same today, or an upgrade would
// replace every container. So a field that is absent is read as its default: whoever adds a field adds
// it here with the default that its initialiser has.

extension KeyedDecodingContainer<TextKey> {
  /// The value under `name`; `fallback` where it is absent or null.
  fileprivate func value<Value: Decodable>(_ name: String, or fallback: Value) throws -> Value {
    try decodeIfPresent(Value.self, forKey: TextKey(name)) ?? fallback
  }

  /// The value under `name`, which must be there.
  fileprivate func value<Value: Decodable>(_ name: String) throws -> Value {
    try decode(Value.self, forKey: TextKey(name))
  }

  /// The value under `name`; nil where it is absent or null.
  fileprivate func optional<Value: Decodable>(_ name: String) throws -> Value? {
    try decodeIfPresent(Value.self, forKey: TextKey(name))
  }
}

extension ContainerTemplate {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      image: try stored.value("image"),
      command: try stored.optional("command"),
      entrypoint: try stored.optional("entrypoint"),
      environment: try stored.value("environment", or: [:]),
      user: try stored.optional("user"),
      workingDirectory: try stored.optional("workingDirectory"),
      hostname: try stored.optional("hostname"),
      containerName: try stored.optional("containerName"),
      labels: try stored.value("labels", or: [:]),
      annotations: try stored.value("annotations", or: [:]),
      tty: try stored.value("tty", or: false),
      stdinOpen: try stored.value("stdinOpen", or: false),
      networks: try stored.value("networks", or: [:]),
      ports: try stored.value("ports", or: []),
      mounts: try stored.value("mounts", or: []),
      volumesFrom: try stored.value("volumesFrom", or: []),
      files: try stored.value("files", or: []),
      naming: try stored.value("naming", or: Naming()),
      sharing: try stored.value("sharing", or: Sharing()),
      resources: try stored.value("resources", or: Resources()),
      ulimits: try stored.value("ulimits", or: [:]),
      security: try stored.value("security", or: Security()),
      groups: try stored.value("groups", or: []),
      sysctls: try stored.value("sysctls", or: [:]),
      sharedMemory: try stored.optional("sharedMemory"),
      devices: try stored.value("devices", or: []),
      deviceRules: try stored.value("deviceRules", or: []),
      runsInit: try stored.value("runsInit", or: false),
      healthcheck: try stored.optional("healthcheck"),
      restart: try stored.value("restart", or: .no),
      restartTiming: try stored.value("restartTiming", or: RestartTiming()),
      stopSignal: try stored.optional("stopSignal"),
      stopGracePeriod: try stored.value("stopGracePeriod", or: .seconds(10)),
      logging: try stored.value("logging", or: LogSettings()),
      postStart: try stored.value("postStart", or: []),
      preStop: try stored.value("preStop", or: []),
      platform: try stored.optional("platform"))
  }
}

extension MountSpec {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      source: try stored.value("source"),
      target: try stored.value("target"),
      isReadOnly: try stored.value("isReadOnly", or: false),
      recursion: try stored.value("recursion", or: .enabled),
      subpath: try stored.optional("subpath"),
      copiesImage: try stored.value("copiesImage", or: true),
      propagation: try stored.value("propagation", or: .rprivate),
      labels: try stored.value("labels", or: [:]))
  }
}

extension Hook {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      command: try stored.value("command"),
      user: try stored.optional("user"),
      isPrivileged: try stored.value("isPrivileged", or: false),
      workingDirectory: try stored.optional("workingDirectory"),
      environment: try stored.value("environment", or: [:]))
  }
}

extension NetworkAttachment {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      aliases: try stored.value("aliases", or: []),
      address: try stored.optional("address"),
      address6: try stored.optional("address6"),
      hardwareAddress: try stored.optional("hardwareAddress"),
      interface: try stored.optional("interface"),
      priority: try stored.value("priority", or: 0),
      gatewayPriority: try stored.value("gatewayPriority", or: 0))
  }
}

extension Security {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      addedCapabilities: try stored.value("addedCapabilities", or: []),
      droppedCapabilities: try stored.value("droppedCapabilities", or: []),
      isPrivileged: try stored.value("isPrivileged", or: false),
      hasReadOnlyRoot: try stored.value("hasReadOnlyRoot", or: false),
      forbidsNewPrivileges: try stored.value("forbidsNewPrivileges", or: false),
      filter: try stored.value("filter", or: .standard))
  }
}

extension Naming {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      domain: try stored.optional("domain"),
      hosts: try stored.value("hosts", or: []),
      servers: try stored.value("servers", or: []),
      searchDomains: try stored.value("searchDomains", or: []),
      options: try stored.value("options", or: []),
      links: try stored.value("links", or: [:]))
  }
}

extension Sharing {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      network: try stored.value("network", or: .own),
      ipc: try stored.value("ipc", or: .own),
      processes: try stored.value("processes", or: .own),
      hostName: try stored.value("hostName", or: .own),
      cgroup: try stored.value("cgroup", or: .own))
  }
}

extension LogSettings {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      isKept: try stored.value("isKept", or: true),
      maximumSize: try stored.optional("maximumSize"),
      maximumFiles: try stored.value("maximumFiles", or: 1))
  }
}

extension BlockIO {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      weight: try stored.optional("weight"),
      deviceWeights: try stored.value("deviceWeights", or: []),
      readRates: try stored.value("readRates", or: []),
      writeRates: try stored.value("writeRates", or: []),
      readOperations: try stored.value("readOperations", or: []),
      writeOperations: try stored.value("writeOperations", or: []))
  }
}

extension Healthcheck {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      test: try stored.optional("test"),
      interval: try stored.value("interval", or: .seconds(30)),
      timeout: try stored.value("timeout", or: .seconds(30)),
      retries: try stored.value("retries", or: 3),
      startPeriod: try stored.value("startPeriod", or: .zero),
      startInterval: try stored.value("startInterval", or: .seconds(5)),
      isDisabled: try stored.value("isDisabled", or: false))
  }
}

extension ContainerSpec {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    let given = decoder.userInfo[.templateApart] as? Boxed<ContainerTemplate>
    self.init(
      slot: try stored.value("slot"),
      sharing: try given ?? Boxed(wrappedValue: stored.value("template")),
      networkNames: try stored.value("networkNames", or: [:]),
      volumeNames: try stored.value("volumeNames", or: [:]),
      oneOffOf: try stored.optional("oneOffOf"))
  }
}

extension Service {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      replicas: try stored.value("replicas", or: 1),
      template: try stored.value("template"),
      dependencies: try stored.value("dependencies", or: [:]),
      isStopped: try stored.value("isStopped", or: false),
      profiles: try stored.value("profiles", or: []),
      isAttached: try stored.value("isAttached", or: true),
      asked: try stored.value("asked", or: Asked()),
      update: try stored.optional("update"),
      rollback: try stored.optional("rollback"),
      fallback: try stored.optional("fallback"),
      isRollingBack: try stored.value("isRollingBack", or: false),
      reconciliation: try stored.value("reconciliation", or: .enforce),
      isCarriedOut: try stored.value("isCarriedOut", or: false),
      autoscale: try stored.optional("autoscale"),
      scaledBecause: try stored.optional("scaledBecause"),
      preparesFor: try stored.optional("preparesFor"))
  }
}

extension UpdatePolicy {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    let standard = UpdatePolicy()
    self.init(
      parallelism: try stored.value("parallelism", or: standard.parallelism),
      delay: try stored.value("delay", or: standard.delay),
      failureAction: try stored.value("failureAction", or: standard.failureAction),
      monitor: try stored.value("monitor", or: standard.monitor),
      maxFailureRatio: try stored.value("maxFailureRatio", or: standard.maxFailureRatio),
      order: try stored.value("order", or: standard.order))
  }
}

extension Dependency {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      condition: try stored.value("condition", or: .started),
      restart: try stored.value("restart", or: false),
      required: try stored.value("required", or: true))
  }
}

extension Stack {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      name: try stored.value("name"),
      services: try stored.value("services", or: [:]),
      networks: try stored.value("networks", or: [:]),
      volumes: try stored.value("volumes", or: [:]),
      projectDirectory: try stored.value("projectDirectory", or: "/"),
      files: try stored.value("files", or: []),
      jobs: try stored.value("jobs", or: [:]),
      oneOffs: try stored.value("oneOffs", or: [:]))
  }
}

extension Job {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      template: try stored.value("template"),
      dependencies: try stored.value("dependencies", or: [:]),
      profiles: try stored.value("profiles", or: []),
      schedules: try stored.value("schedules", or: []),
      lookedAt: try stored.optional("lookedAt"))
  }
}

extension OneOff {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      service: try stored.value("service"),
      template: try stored.value("template"),
      dependencies: try stored.value("dependencies", or: [:]),
      keptFor: try stored.optional("keptFor"),
      isBegun: try stored.value("isBegun", or: false),
      isDiscarded: try stored.value("isDiscarded", or: false),
      isScheduled: try stored.value("isScheduled", or: false),
      isQueued: try stored.value("isQueued", or: false))
  }
}

extension NetworkDefinition {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      name: try stored.value("name"),
      isExternal: try stored.value("isExternal", or: false),
      isInternal: try stored.value("isInternal", or: false),
      subnet: try stored.optional("subnet"),
      gateway: try stored.optional("gateway"),
      range: try stored.optional("range"),
      reserved: try stored.value("reserved", or: [:]),
      ipv6: try stored.optional("ipv6"),
      mtu: try stored.optional("mtu"),
      labels: try stored.value("labels", or: [:]))
  }
}

extension VolumeDefinition {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      name: try stored.value("name"),
      isExternal: try stored.value("isExternal", or: false),
      device: try stored.optional("device"),
      fileSystem: try stored.optional("fileSystem"),
      labels: try stored.value("labels", or: [:]))
  }
}

extension ContainerState.Stopping {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      since: try stored.value("since"),
      killAt: try stored.value("killAt"),
      cause: try stored.value("cause", or: .asked))
  }
}

extension Routing {
  public init(from decoder: any Decoder) throws {
    let stored = try decoder.container(keyedBy: TextKey.self)
    self.init(
      ports: try stored.value("ports", or: []),
      conflicts: try stored.value("conflicts", or: []),
      names: try stored.value("names", or: [:]),
      names6: try stored.value("names6", or: [:]))
  }
}
