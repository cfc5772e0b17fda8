/// A big value behind one reference, so that whatever holds it is sorted and passed about for the price of
/// a pointer. It is a value all the same: a change makes another box, which nobody else sees.
@propertyWrapper
public struct Boxed<Value: Sendable>: Sendable {
  final class Box: Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
  }
  /// Whoever needs only a field of a big value reads it here: `wrappedValue` may copy the whole.
  private(set) var box: Box

  public init(wrappedValue: Value) { box = Box(wrappedValue) }

  /// The value with its reference: whoever is given this shares it.
  public var projectedValue: Boxed {
    get { self }
    set { self = newValue }
  }

  /// Whether both are one box; two with equal values need not be.
  public func isSame(as other: Boxed) -> Bool { box === other.box }

  public var wrappedValue: Value {
    _read { yield box.value }
    _modify {
      var value = box.value
      yield &value
      box = Box(value)
    }
  }
}

extension Boxed: Equatable where Value: Equatable {
  public static func == (a: Boxed, b: Boxed) -> Bool { a.box === b.box || a.box.value == b.box.value }
}

extension Boxed: Hashable where Value: Hashable {
  public func hash(into hasher: inout Hasher) { hasher.combine(box.value) }
}

// Written as the value alone would be.
extension Boxed: Encodable where Value: Encodable {
  public func encode(to encoder: any Encoder) throws { try box.value.encode(to: encoder) }
}

extension Boxed: Decodable where Value: Decodable {
  public init(from decoder: any Decoder) throws { self.init(wrappedValue: try Value(from: decoder)) }
}
