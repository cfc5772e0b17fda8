/// Why something that is wanted cannot be done in this pass.
struct Obstacle: Hashable {
  var reason: String
  /// True: it stays so until the user changes something. False: time or an event will end it.
  var isLasting: Bool

  func preceded(by words: String) -> Obstacle {
    Obstacle(reason: "\(words) \(reason)", isLasting: isLasting)
  }

  static func waits(_ reason: String) -> Obstacle { Obstacle(reason: reason, isLasting: false) }
  static func blocks(_ reason: String) -> Obstacle { Obstacle(reason: reason, isLasting: true) }
}

/// What one attempt at a plan found out too late for itself.
struct Lessons {
  /// Replicas that cannot be made.
  var replicas: [Slot: Obstacle] = [:]
  /// Networks that cannot be made, by key.
  var networks: [String: Obstacle] = [:]

  var isEmpty: Bool { replicas.isEmpty && networks.isEmpty }

  mutating func add(_ later: Lessons) {
    replicas.merge(later.replicas) { first, _ in first }
    networks.merge(later.networks) { first, _ in first }
  }
}
