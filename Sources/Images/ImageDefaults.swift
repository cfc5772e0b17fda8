public import Stacks

/// What an image says about the containers made from it (the `config` object of config.md). It is
/// data: nothing of it widens what a container may do (rule R8).
public struct ImageDefaults: Hashable, Sendable {
  /// `USER[:GROUP]` by name or number; empty: root.
  public var user: String
  /// `PORT/PROTOCOL`, such as `80/tcp`, sorted.
  public var exposedPorts: [String]
  /// `NAME=VALUE` in the order of the image. An entry without `=` sets nothing.
  public var environment: [String]
  /// nil: none.
  public var entrypoint: [String]?
  /// nil: none.
  public var command: [String]?
  /// Absolute paths, sorted.
  public var volumes: [String]
  /// Empty: `/`.
  public var workingDirectory: String
  public var labels: [String: String]
  /// A name such as `SIGQUIT` or a number; nil: SIGTERM.
  public var stopSignal: String?
  /// nil: none.
  public var healthcheck: Healthcheck?

  public init(
    user: String = "", exposedPorts: [String] = [], environment: [String] = [],
    entrypoint: [String]? = nil, command: [String]? = nil, volumes: [String] = [],
    workingDirectory: String = "", labels: [String: String] = [:], stopSignal: String? = nil,
    healthcheck: Healthcheck? = nil
  ) {
    self.user = user
    self.exposedPorts = exposedPorts
    self.environment = environment
    self.entrypoint = entrypoint
    self.command = command
    self.volumes = volumes
    self.workingDirectory = workingDirectory
    self.labels = labels
    self.stopSignal = stopSignal
    self.healthcheck = healthcheck
  }
}

/// The JSON form. An empty value is left out, as Go's `omitempty` does.
extension ImageDefaults: Codable {
  enum CodingKeys: String, CodingKey {
    case user = "User"
    case exposedPorts = "ExposedPorts"
    case environment = "Env"
    case entrypoint = "Entrypoint"
    case command = "Cmd"
    case volumes = "Volumes"
    case workingDirectory = "WorkingDir"
    case labels = "Labels"
    case stopSignal = "StopSignal"
    case healthcheck = "Healthcheck"
  }

  /// Go's `struct{}`: the value in a map that is a set.
  private struct Empty: Codable {}

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func set(_ key: CodingKeys) throws -> [String] {
      try (values.decodeIfPresent([String: Empty].self, forKey: key) ?? [:]).keys.sorted()
    }
    user = try values.decodeIfPresent(String.self, forKey: .user) ?? ""
    exposedPorts = try set(.exposedPorts)
    environment = try values.decodeIfPresent([String].self, forKey: .environment) ?? []
    entrypoint = try values.decodeIfPresent([String].self, forKey: .entrypoint)
    command = try values.decodeIfPresent([String].self, forKey: .command)
    volumes = try set(.volumes)
    workingDirectory = try values.decodeIfPresent(String.self, forKey: .workingDirectory) ?? ""
    labels = try values.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
    let signal = try values.decodeIfPresent(String.self, forKey: .stopSignal)
    stopSignal = signal == "" ? nil : signal
    healthcheck = try values.decodeIfPresent(HealthcheckDocument.self, forKey: .healthcheck)?.value
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    func encodeSet(_ list: [String], _ key: CodingKeys) throws {
      if list.isEmpty { return }
      try values.encode(Dictionary(list.map { ($0, Empty()) }) { a, _ in a }, forKey: key)
    }
    if !user.isEmpty { try values.encode(user, forKey: .user) }
    try encodeSet(exposedPorts, .exposedPorts)
    if !environment.isEmpty { try values.encode(environment, forKey: .environment) }
    try values.encodeIfPresent(entrypoint, forKey: .entrypoint)
    try values.encodeIfPresent(command, forKey: .command)
    try encodeSet(volumes, .volumes)
    if !workingDirectory.isEmpty { try values.encode(workingDirectory, forKey: .workingDirectory) }
    if !labels.isEmpty { try values.encode(labels, forKey: .labels) }
    try values.encodeIfPresent(stopSignal, forKey: .stopSignal)
    try values.encodeIfPresent(healthcheck.map(HealthcheckDocument.init), forKey: .healthcheck)
  }
}

/// Docker's form of a health check: durations in nanoseconds, 0 or absent for the default.
struct HealthcheckDocument: Codable {
  var test: [String]?
  var interval: Int64?
  var timeout: Int64?
  var retries: Int?
  var startPeriod: Int64?
  var startInterval: Int64?

  enum CodingKeys: String, CodingKey {
    case test = "Test"
    case interval = "Interval"
    case timeout = "Timeout"
    case retries = "Retries"
    case startPeriod = "StartPeriod"
    case startInterval = "StartInterval"
  }

  init(_ check: Healthcheck) {
    switch check.test {
    case _ where check.isDisabled: test = ["NONE"]
    case .exec(let words): test = ["CMD"] + words
    case .shell(let line): test = ["CMD-SHELL", line]
    case nil: test = nil
    }
    interval = check.interval.nanoseconds
    timeout = check.timeout.nanoseconds
    retries = check.retries
    startPeriod = check.startPeriod.nanoseconds
    startInterval = check.startInterval.nanoseconds
  }

  /// The check; nil where the document asks for none.
  var value: Healthcheck? {
    var check = Healthcheck(test: nil)
    switch test?.first {
    case "NONE": check.isDisabled = true
    case "CMD": check.test = .exec(Array(test!.dropFirst()))
    case "CMD-SHELL": check.test = .shell(test!.dropFirst().joined(separator: " "))
    default: return nil
    }
    func span(_ value: Int64?) -> Span? { (value ?? 0) > 0 ? Span(nanoseconds: value!) : nil }
    check.interval = span(interval) ?? check.interval
    check.timeout = span(timeout) ?? check.timeout
    check.retries = (retries ?? 0) > 0 ? retries! : check.retries
    check.startPeriod = span(startPeriod) ?? check.startPeriod
    check.startInterval = span(startInterval) ?? check.startInterval
    return check
  }
}
