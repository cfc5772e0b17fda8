/// One container in the life of a slot: the slot and a generation that no other container of the
/// stack, past or present and still observed, has had in that slot.
public struct Instance: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
  public var slot: Slot
  /// From 1; a replacement has a higher generation than what it replaces.
  public var generation: Int

  public init(slot: Slot, generation: Int) {
    self.slot = slot
    self.generation = generation
  }

  /// `service:number`, with `@generation` behind it from the second generation on.
  public var description: String {
    generation == 1 ? slot.description : "\(slot)@\(generation)"
  }

  public static func < (a: Instance, b: Instance) -> Bool {
    a.slot == b.slot ? a.generation < b.generation : a.slot < b.slot
  }
}
