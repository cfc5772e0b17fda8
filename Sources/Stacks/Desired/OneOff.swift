/// One container beside the replicas of a service, which a command asks for once (`cairn run`).
///
/// It is kept in the stack under a key that is the service of its slot: `SERVICE-run-HEX`. So it is no
/// replica, and nothing that counts, replaces or connects to replicas sees it.
public struct OneOff: Codable, Hashable, Sendable {
  /// The service whose template it has, with changes.
  public var service: String
  public var template: ContainerTemplate
  /// What must have happened before it is started.
  public var dependencies: [String: Dependency]
  /// How long its container is kept once it has ended; nil: until the stack is taken down.
  public var keptFor: Span?
  /// It was started, and is not started again; the engine fills it in.
  public var isBegun: Bool
  /// Its container is to go, ended or not.
  public var isDiscarded: Bool
  /// It is a run of a job at its time: its container is kept until a later one begins.
  public var isScheduled: Bool
  /// It begins when earlier runs of its job have ended.
  public var isQueued: Bool

  public init(
    service: String, template: ContainerTemplate, dependencies: [String: Dependency] = [:],
    keptFor: Span? = nil, isBegun: Bool = false, isDiscarded: Bool = false, isScheduled: Bool = false,
    isQueued: Bool = false
  ) {
    self.service = service
    self.template = template
    self.dependencies = dependencies
    self.keptFor = keptFor
    self.isBegun = isBegun
    self.isDiscarded = isDiscarded
    self.isScheduled = isScheduled
    self.isQueued = isQueued
  }
}

/// A one-off container as the planner sees it.
public struct WantedOneOff: Codable, Hashable, Sendable {
  public var spec: ContainerSpec
  public var keptFor: Span?
  public var isBegun: Bool
  public var isDiscarded: Bool
  public var isScheduled: Bool
  public var isQueued: Bool

  public init(
    spec: ContainerSpec, keptFor: Span? = nil, isBegun: Bool = false, isDiscarded: Bool = false,
    isScheduled: Bool = false, isQueued: Bool = false
  ) {
    self.spec = spec
    self.keptFor = keptFor
    self.isBegun = isBegun
    self.isDiscarded = isDiscarded
    self.isScheduled = isScheduled
    self.isQueued = isQueued
  }
}

extension Stack {
  /// The stack with a one-off container asked for.
  ///
  /// `previous` is the stack as it was. With `startsDependencies` what the container depends on is asked
  /// for as this stack declares it; otherwise all stays as in `previous`, but for networks and volumes
  /// that only the container uses. Throws where it depends on what is not in the stack.
  public func running(
    _ oneOff: OneOff, as key: String, over previous: Stack?, startsDependencies: Bool, at now: Moment
  ) throws(ValueError) -> Stack {
    let names = Set(oneOff.dependencies.keys).intersection(services.keys)
    var stack: Stack
    if startsDependencies, !names.isEmpty {
      stack = try selecting(names, over: previous).succeeding(previous).asking(for: names, at: now)
    } else {
      stack = previous ?? Stack(name: name, projectDirectory: projectDirectory, files: files)
      stack.networks.merge(networks) { first, _ in first }
      stack.volumes.merge(volumes) { first, _ in first }
    }
    stack.oneOffs[key] = oneOff
    return stack
  }

  /// The stack in which one-off containers are to go. Throws where there is none with a key.
  public func discarding(_ keys: [String]) throws(ValueError) -> Stack {
    var stack = self
    for key in keys {
      guard oneOffs[key] != nil else {
        throw ValueError(
          kind: "one-off container", text: key, reason: "stack '\(name)' has none with this key")
      }
      stack.oneOffs[key]?.isDiscarded = true
    }
    return stack
  }

  /// The stack as it is to be kept once it was seen which one-off containers have begun, and which are
  /// gone; nil: as it is.
  public func noting(_ observed: ObservedState) -> Stack? {
    if oneOffs.isEmpty { return nil }
    var stack = self
    let present = Dictionary(
      observed.containers.values.filter { $0.spec.oneOffOf != nil }.map { ($0.instance.slot.service, $0) },
      uniquingKeysWith: { $0.instance.generation > $1.instance.generation ? $0 : $1 })
    for (key, oneOff) in oneOffs {
      switch present[key]?.state {
      case .running, .exited: stack.oneOffs[key]?.isBegun = true
      case .created, .broken: break
      case nil: if oneOff.isBegun || oneOff.isDiscarded { stack.oneOffs[key] = nil }
      }
    }
    return stack == self ? nil : stack
  }

  /// The stack without the one-off containers among `keys` that have not begun: whoever asked for them
  /// was told that they cannot be; nil: there is none.
  public func givingUp(_ keys: some Sequence<String>) -> Stack? {
    var stack = self
    for key in keys where oneOffs[key]?.isBegun == false { stack.oneOffs[key]?.isDiscarded = true }
    return stack == self ? nil : stack
  }
}
