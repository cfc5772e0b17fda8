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
