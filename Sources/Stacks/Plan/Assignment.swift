/// One replica that should exist, and the container that is it now.
struct Assignment {
  /// What it is to be made from.
  let spec: ContainerSpec
  private let held: Boxed<ObservedContainer>?
  private var earlier: Boxed<ObservedContainer>?
  /// How the keeper differs from the spec; equal where there is no keeper.
  let comparison: Comparison
  /// What the next container in the slot gets.
  let nextGeneration: Int

  init(
    _ spec: ContainerSpec, keeper: Boxed<ObservedContainer>? = nil,
    predecessor: Boxed<ObservedContainer>? = nil, _ comparison: Comparison = Comparison(), nextGeneration: Int
  ) {
    self.spec = spec
    held = keeper
    earlier = predecessor
    self.comparison = comparison
    self.nextGeneration = nextGeneration
  }

  var slot: Slot { spec.slot }
  var hasKeeper: Bool { held != nil }
  var hasPredecessor: Bool { earlier != nil }
  /// nil: there is none, or only a broken one.
  var keeper: ObservedContainer? { held?.box.value }
  /// What the keeper is to take the place of and is kept until the keeper is ready.
  var predecessor: ObservedContainer? { earlier?.box.value }

  /// The same without a predecessor.
  var alone: Assignment {
    var copy = self
    copy.earlier = nil
    return copy
  }
}

/// A container that could be the replica with its number; the least is the best.
struct Candidate: Comparable {
  let container: Boxed<ObservedContainer>
  let spec: ContainerSpec
  let comparison: Comparison

  init(_ container: Boxed<ObservedContainer>, _ spec: ContainerSpec, _ comparison: Comparison) {
    self.container = container
    self.spec = spec
    self.comparison = comparison
  }

  var number: Int { container.box.value.instance.slot.number }

  private var rank: (Int, Int, Int, Int, ContainerID) {
    let container = container.box.value
    return (
      comparison.needsReplacement ? 1 : 0, wellness, container.instance.slot.number,
      -container.instance.generation, container.id
    )
  }

  private var wellness: Int {
    guard case .running(let running) = container.box.value.state, running.stopping == nil else { return 2 }
    return switch running.health {
    case .none, .healthy: 0
    case .starting: 1
    case .unhealthy: 2
    }
  }

  static func < (a: Candidate, b: Candidate) -> Bool { a.rank < b.rank }
  static func == (a: Candidate, b: Candidate) -> Bool { a.rank == b.rank }
}

/// Compares the containers of one service with what is wanted. What it has found out for one replica is
/// nearly always right for the next.
struct Comparer {
  let images: [ImageReference: Digest]
  let asked: Asked
  private var differing: (old: ContainerSpec, wanted: ContainerSpec, found: [Difference])?
  private var image: (name: ImageReference, digest: Digest?)?

  init(images: [ImageReference: Digest], asked: Asked) {
    self.images = images
    self.asked = asked
  }

  mutating func compare(_ container: ObservedContainer, _ wanted: ContainerSpec) -> Comparison {
    let found = differences(container.spec, wanted)
    let digest = digest(wanted.boxed.box.value.image)
    return Comparison(container, wanted, found, image: digest, images, asked)
  }

  private mutating func differences(_ old: ContainerSpec, _ wanted: ContainerSpec) -> [Difference] {
    if let differing, differing.old.isSame(as: old), differing.wanted.isSame(as: wanted) {
      return differing.found
    }
    let found = old.differences(to: wanted)
    // Where there are none, that is seen as quickly anew.
    if !found.isEmpty { differing = (old, wanted, found) }
    return found
  }

  private mutating func digest(_ name: ImageReference) -> Digest? {
    if let image, image.name == name { return image.digest }
    let digest = images[name]
    image = (name, digest)
    return digest
  }
}
