/// Steps while a plan is being made: edges may be added in any order, numbers come last.
struct PlanGraph {
  /// A step's place in `nodes`; not its number in the plan.
  typealias NodeID = Int

  private struct Node {
    let action: Action
    // Of the action, for comparisons.
    let rank: Int
    let instance: Instance?
    var reason: String
    var after: Set<NodeID> = []
    var changes: [Difference] = []
  }

  private var nodes: [Node] = []

  var isEmpty: Bool { nodes.isEmpty }

  mutating func add(
    _ action: Action, because reason: String, after: [NodeID] = [], changes: [Difference] = []
  ) -> NodeID {
    nodes.append(
      Node(
        action: action, rank: action.rank, instance: action.instance, reason: reason, after: Set(after),
        changes: changes))
    return nodes.count - 1
  }

  /// Whether the step comes after none.
  func isFirst(_ node: NodeID) -> Bool { nodes[node].after.isEmpty }

  /// The step `later` begins only when `earlier` has succeeded.
  mutating func order(_ later: NodeID, after earlier: NodeID) {
    if later != earlier { nodes[later].after.insert(earlier) }
  }

  /// The steps in the one order that the edges allow and that puts kinds of action, then subjects,
  /// in sequence. It does not depend on the order in which nodes or edges were added.
  func steps() -> [Step] {
    if nodes.isEmpty { return [] }
    var missing = nodes.map(\.after.count)
    var followers = [[NodeID]](repeating: [], count: nodes.count)
    for (id, node) in nodes.enumerated() {
      for earlier in node.after { followers[earlier].append(id) }
    }
    var ready = nodes.indices.filter { missing[$0] == 0 }.sorted(by: precedes)
    var numbers = [Int](repeating: 0, count: nodes.count)
    var steps: [Step] = []
    while !ready.isEmpty {
      let id = ready.removeFirst()
      numbers[id] = steps.count + 1
      steps.append(
        Step(
          number: numbers[id], after: nodes[id].after.map { numbers[$0] }.sorted(),
          action: nodes[id].action, reason: nodes[id].reason, changes: nodes[id].changes))
      for follower in followers[id] {
        missing[follower] -= 1
        guard missing[follower] == 0 else { continue }
        var (low, high) = (ready.startIndex, ready.endIndex)
        while low < high {
          let middle = (low + high) / 2
          if precedes(follower, ready[middle]) { high = middle } else { low = middle + 1 }
        }
        ready.insert(follower, at: low)
      }
    }
    precondition(steps.count == nodes.count, "the edges of a plan form a circle")
    return steps
  }

  private func precedes(_ a: NodeID, _ b: NodeID) -> Bool {
    let (rank, other) = (nodes[a].rank, nodes[b].rank)
    if rank != other { return rank < other }
    if let instance = nodes[a].instance, let other = nodes[b].instance { return instance < other }
    return nodes[a].action.subject < nodes[b].action.subject
  }
}

extension Action {
  /// Where a kind of action stands among steps that could come in any order.
  fileprivate var rank: Int {
    switch self {
    case .stop: 0
    case .remove: 1
    case .removeNetwork: 2
    case .removeVolume: 3
    case .createNetwork: 4
    case .createVolume: 5
    case .update: 6
    case .create: 7
    case .start: 8
    }
  }
}
