/// What is to become of a network that is wanted.
enum NetworkVerdict: Hashable {
  /// It is there as it should be.
  case ready
  case make(reason: String)
  /// It is removed with all that is attached, and made as it should be.
  case remake(reason: String)
  /// Nothing is done, and no container is made on it.
  case held(Obstacle)

  /// Containers are made on it.
  var isUsable: Bool { if case .held = self { false } else { true } }
}

extension NetworkVerdict {
  /// `others` are containers that do not go when the network is made anew.
  init(
    _ wanted: NetworkDefinition, _ observed: ObservedState, others: [ObservedContainer]
  ) {
    let name = wanted.name
    guard let found = observed.networks[name] else {
      self =
        wanted.isExternal
        ? .held(
          .blocks(
            "external network \(name) does not exist; make it with `cairn network create \(name)`"))
        : .make(reason: "it is missing")
      return
    }
    if wanted.isExternal {
      self = found.fault.map { .held(.waits("external network \(name) is down: \($0)")) } ?? .ready
      return
    }
    guard found.stack == observed.stack else {
      let owner = found.stack.map { "belongs to stack \($0)" } ?? "was not made by a stack"
      self = .held(
        .blocks("network \(name) \(owner); give this one another name or declare it external"))
      return
    }
    let differences = found.definition.differences(to: wanted)
    if differences.isEmpty {
      self = found.fault.map { .make(reason: $0) } ?? .ready
      return
    }
    let reason = Difference.summary(differences)
    let attached = others.filter { $0.isAttached(to: name) }.map(\.instance.description)
    if !found.otherUsers.isEmpty || !attached.isEmpty {
      let users = (found.otherUsers + attached.sorted()).joined(separator: ", ")
      self = .held(
        .blocks("network \(name) differs (\(reason)) and cannot be made anew while \(users) use it"))
    } else {
      self = .remake(reason: reason)
    }
  }
}

extension Obstacle {
  /// Why a volume that is wanted cannot be used as it is; nil: it can, or it is missing and is made.
  init?(_ wanted: VolumeDefinition, _ observed: ObservedState) {
    guard let found = observed.volumes[wanted.name] else {
      guard wanted.isExternal else { return nil }
      self = .blocks(
        """
        external volume \(wanted.name) does not exist; make it with \
        `cairn volume create \(wanted.name)`
        """)
      return
    }
    let differences = wanted.isExternal ? [] : found.definition.differences(to: wanted)
    if differences.isEmpty { return nil }
    self = .blocks(
      """
      volume \(wanted.name) differs (\(Difference.summary(differences))), and a volume is never \
      changed or destroyed by itself: undo the change, give it another name, or remove it
      """)
  }
}
