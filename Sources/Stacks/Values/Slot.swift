/// What a container is, apart from how it is made: the stack, the service and the replica's number.
public struct Slot: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
  public var stack: String
  public var service: String
  /// The replica's number, from 1.
  public var number: Int

  public init(stack: String, service: String, number: Int) {
    self.stack = stack
    self.service = service
    self.number = number
  }

  /// Without the stack, which is nearly always the same one.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(service)
    hasher.combine(number)
  }

  /// `service:number`, as plans print it.
  public var description: String { "\(service):\(number)" }

  public static func < (a: Slot, b: Slot) -> Bool {
    if a.stack != b.stack { return a.stack < b.stack }
    return a.service == b.service ? a.number < b.number : a.service < b.service
  }
}
