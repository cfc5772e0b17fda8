// The JSON form of a plan: short keys, a stable order, and containers by the name that people read.
// {"stack":"shop","steps":[{"number":1,"after":[],"do":"start","container":"web:1","stack":"shop",
// "reason":"new"}],"waiting":{"api:1":"db:1 is not healthy yet"},"blocked":{},"notes":[]}

extension Plan: Codable {
  enum CodingKeys: String, CodingKey {
    case stack, steps, waiting, unfinished, blocked, notes, updates, unrouted, drift, due, nextRuns
    case lookAgain
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let stack = try container.decode(String.self, forKey: .stack)
    func slot(_ text: String) throws -> Slot {
      guard let slot = Slot(text, stack: stack) else {
        throw ValueError(kind: "container", text: text, reason: "write SERVICE:NUMBER")
      }
      return slot
    }
    func slots(_ key: CodingKeys) throws -> [Slot: String] {
      var found: [Slot: String] = [:]
      for (text, reason) in try container.decode([String: String].self, forKey: key) {
        found[try slot(text)] = reason
      }
      return found
    }
    self.init(
      stack: stack, steps: try container.decode([Step].self, forKey: .steps),
      waiting: try slots(.waiting),
      unfinished: Set(
        try (container.decodeIfPresent([String].self, forKey: .unfinished) ?? []).map { try slot($0) }),
      blocked: try slots(.blocked),
      notes: try container.decode([String].self, forKey: .notes),
      updates: try container.decodeIfPresent([String: UpdateStatus].self, forKey: .updates) ?? [:],
      unrouted: try container.decodeIfPresent(Set<ContainerID>.self, forKey: .unrouted) ?? [],
      drift: try container.decodeIfPresent([Drift].self, forKey: .drift) ?? [],
      due: try container.decodeIfPresent([DueRun].self, forKey: .due) ?? [],
      nextRuns: try container.decodeIfPresent([String: Moment].self, forKey: .nextRuns) ?? [:],
      lookAgain: try container.decodeIfPresent(Moment.self, forKey: .lookAgain))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    func texts(_ slots: [Slot: String]) -> [String: String] {
      Dictionary(uniqueKeysWithValues: slots.map { ($0.key.description, $0.value) })
    }
    try container.encode(stack, forKey: .stack)
    try container.encode(steps, forKey: .steps)
    try container.encode(texts(waiting), forKey: .waiting)
    if !unfinished.isEmpty {
      try container.encode(unfinished.sorted().map(\.description), forKey: .unfinished)
    }
    try container.encode(texts(blocked), forKey: .blocked)
    try container.encode(notes, forKey: .notes)
    if !updates.isEmpty { try container.encode(updates, forKey: .updates) }
    if !unrouted.isEmpty { try container.encode(unrouted.sorted(), forKey: .unrouted) }
    if !drift.isEmpty { try container.encode(drift, forKey: .drift) }
    if !due.isEmpty { try container.encode(due, forKey: .due) }
    if !nextRuns.isEmpty { try container.encode(nextRuns, forKey: .nextRuns) }
    try container.encodeIfPresent(lookAgain, forKey: .lookAgain)
  }
}

extension Step: Codable {
  enum CodingKeys: String, CodingKey { case number, after, reason, changes }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      number: try container.decode(Int.self, forKey: .number),
      after: try container.decode([Int].self, forKey: .after), action: try Action(from: decoder),
      reason: try container.decode(String.self, forKey: .reason),
      changes: try container.decodeIfPresent([Difference].self, forKey: .changes) ?? [])
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(number, forKey: .number)
    try container.encode(after, forKey: .after)
    try container.encode(reason, forKey: .reason)
    if !changes.isEmpty { try container.encode(changes, forKey: .changes) }
    try action.encode(to: encoder)
  }
}

extension Action: Codable {
  enum CodingKeys: String, CodingKey {
    case verb = "do"
    case stack, container, spec, image, signal, grace, cause, key, name, network, volume, keepsVolumes
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func instance() throws -> Instance {
      let text = try container.decode(String.self, forKey: .container)
      let stack = try container.decode(String.self, forKey: .stack)
      guard let instance = Instance(text, stack: stack) else {
        throw ValueError(kind: "container", text: text, reason: "write SERVICE:NUMBER[@GENERATION]")
      }
      return instance
    }
    let key = { try container.decode(String.self, forKey: .key) }
    let name = { try container.decode(String.self, forKey: .name) }
    let spec = { try container.decode(ContainerSpec.self, forKey: .spec) }
    let verb = try container.decode(String.self, forKey: .verb)
    switch verb {
    case "create network":
      self = .createNetwork(
        key: try key(), try container.decode(NetworkDefinition.self, forKey: .network))
    case "remove network": self = .removeNetwork(name: try name())
    case "create volume":
      self = .createVolume(
        key: try key(), try container.decode(VolumeDefinition.self, forKey: .volume))
    case "remove volume": self = .removeVolume(name: try name())
    case "create":
      self = .create(
        try instance(), try spec(), image: try container.decode(Digest.self, forKey: .image))
    case "start": self = .start(try instance())
    case "stop":
      self = .stop(
        try instance(), signal: try container.decodeIfPresent(String.self, forKey: .signal),
        grace: try container.decode(Span.self, forKey: .grace),
        cause: try container.decodeIfPresent(StopCause.self, forKey: .cause) ?? .asked)
    case "remove":
      self = .remove(
        try instance(),
        keepsVolumes: try container.decodeIfPresent(Bool.self, forKey: .keepsVolumes) ?? false)
    case "update": self = .update(try instance(), try spec())
    default: throw ValueError(kind: "action", text: verb)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(verb, forKey: .verb)
    if let instance {
      try container.encode(instance.description, forKey: .container)
      try container.encode(instance.slot.stack, forKey: .stack)
    }
    switch self {
    case .createNetwork(let key, let definition):
      try container.encode(key, forKey: .key)
      try container.encode(definition, forKey: .network)
    case .createVolume(let key, let definition):
      try container.encode(key, forKey: .key)
      try container.encode(definition, forKey: .volume)
    case .removeNetwork(let name), .removeVolume(let name):
      try container.encode(name, forKey: .name)
    case .create(_, let spec, let image):
      try container.encode(spec, forKey: .spec)
      try container.encode(image, forKey: .image)
    case .stop(_, let signal, let grace, let cause):
      if cause != .asked { try container.encode(cause, forKey: .cause) }
      try container.encodeIfPresent(signal, forKey: .signal)
      try container.encode(grace, forKey: .grace)
    case .update(_, let spec): try container.encode(spec, forKey: .spec)
    case .remove(_, let keepsVolumes):
      if keepsVolumes { try container.encode(true, forKey: .keepsVolumes) }
    case .start: break
    }
  }
}
