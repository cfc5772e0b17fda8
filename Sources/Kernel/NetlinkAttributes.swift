/// The attributes of a netlink message while they are put together: type, length, payload, padded
/// to four bytes each (linux/netlink.h, `struct nlattr`).
public struct NetlinkAttributes: Hashable, Sendable {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public mutating func put(_ type: UInt16, bytes payload: some Collection<UInt8>) {
    precondition(payload.count <= Int(UInt16.max) - 4, "a netlink attribute holds at most 65531 bytes")
    bytes.appendNative(UInt16(payload.count + 4))
    bytes.appendNative(type)
    bytes += payload
    bytes.pad()
  }

  /// Native byte order, as rtnetlink wants numbers.
  public mutating func put(_ type: UInt16, _ number: UInt32) {
    var payload: [UInt8] = []
    payload.appendNative(number)
    put(type, bytes: payload)
  }

  public mutating func put(_ type: UInt16, _ number: UInt8) { put(type, bytes: [number]) }

  /// With the zero byte that the kernel expects behind a text.
  public mutating func put(_ type: UInt16, _ text: String) { put(type, bytes: Array(text.utf8) + [0]) }

  /// An IPv4 address given in host byte order, as four bytes in network order.
  public mutating func put(_ type: UInt16, address: UInt32) {
    put(type, bytes: (0..<4).map { UInt8(truncatingIfNeeded: address >> (24 - 8 * $0)) })
  }

  /// Attributes within an attribute, after a `header` if there is one.
  public mutating func nest(
    _ type: UInt16, header: [UInt8] = [], _ build: (inout NetlinkAttributes) -> Void
  ) {
    var inner = NetlinkAttributes()
    build(&inner)
    put(type, bytes: header + inner.bytes)
  }
}

/// Reads attributes; whatever is cut short or says a false length ends the list.
public struct NetlinkAttributeReader: Sequence, IteratorProtocol, Sendable {
  private var rest: ArraySlice<UInt8>

  public init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  public mutating func next() -> (type: UInt16, payload: ArraySlice<UInt8>)? {
    guard rest.count >= 4, let length = rest.native(UInt16.self, at: 0).map(Int.init),
      let type = rest.native(UInt16.self, at: 2), length >= 4, length <= rest.count
    else { return nil }
    let payload = rest.dropFirst(4).prefix(length - 4)
    rest = rest.dropFirst(Swift.min((length + 3) & ~3, rest.count))
    return (type & 0x3fff, payload)
  }
}

extension [UInt8] {
  mutating func appendNative(_ number: some FixedWidthInteger) {
    for i in 0..<(number.bitWidth / 8) {
      append(UInt8(truncatingIfNeeded: number.littleEndian >> (8 * i)))
    }
  }

  mutating func pad() { while count % 4 != 0 { append(0) } }
}

extension ArraySlice<UInt8> {
  /// The number at `offset` in native byte order; nil where the slice is too short.
  func native<T: FixedWidthInteger & UnsignedInteger>(_: T.Type, at offset: Int) -> T? {
    let size = T.bitWidth / 8
    guard offset >= 0, offset + size <= count else { return nil }
    return self[(startIndex + offset)..<(startIndex + offset + size)].reversed()
      .reduce(T(0)) { $0 << 8 | T($1) }
  }

  /// Four bytes in network order as an IPv4 address in host order.
  var address: UInt32? { count == 4 ? reduce(0) { $0 << 8 | UInt32($1) } : nil }

  /// The text up to the first zero byte.
  var text: String { String(decoding: prefix { $0 != 0 }, as: UTF8.self) }
}
