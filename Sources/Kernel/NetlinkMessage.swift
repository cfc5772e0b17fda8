/// One netlink request before it has a sequence number (netlink(7)).
///
/// Numbers in netlink are in native byte order; all machines Cairn runs on are little-endian.
public struct NetlinkMessage: Hashable, Sendable {
  public var type: UInt16
  public var flags: UInt16
  /// The family's header and the attributes.
  public var body: [UInt8]
  /// What it is for, for error messages: `create the bridge cn-1`.
  public var purpose: String

  public init(type: UInt16, flags: UInt16, body: [UInt8], purpose: String) {
    self.type = type
    self.flags = flags
    self.body = body
    self.purpose = purpose
  }

  public static let request: UInt16 = 0x1
  public static let acknowledge: UInt16 = 0x4
  public static let exclusive: UInt16 = 0x200
  public static let create: UInt16 = 0x400
  public static let replace: UInt16 = 0x100
  public static let dump: UInt16 = 0x300

  /// The whole message with its header, padded to four bytes.
  public func encoded(sequence: UInt32) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendNative(UInt32(16 + body.count))
    bytes.appendNative(type)
    bytes.appendNative(flags)
    bytes.appendNative(sequence)
    bytes.appendNative(UInt32(0))
    bytes += body
    bytes.pad()
    return bytes
  }
}

/// One netlink message as it came from the kernel.
public struct NetlinkReply: Hashable, Sendable {
  public var type: UInt16
  public var flags: UInt16
  public var sequence: UInt32
  public var body: ArraySlice<UInt8>

  static let error: UInt16 = 2
  static let done: UInt16 = 3

  /// The messages in a datagram; what is cut short at the end is left out.
  public static func parse(_ datagram: [UInt8]) -> [NetlinkReply] {
    var rest = datagram[...]
    var replies: [NetlinkReply] = []
    while rest.count >= 16, let length = rest.native(UInt32.self, at: 0).map(Int.init),
      length >= 16, length <= rest.count, let type = rest.native(UInt16.self, at: 4),
      let flags = rest.native(UInt16.self, at: 6), let sequence = rest.native(UInt32.self, at: 8)
    {
      replies.append(
        NetlinkReply(
          type: type, flags: flags, sequence: sequence, body: rest.dropFirst(16).prefix(length - 16)))
      rest = rest.dropFirst(min((length + 3) & ~3, rest.count))
    }
    return replies
  }

  /// The errno value of an acknowledgement (0: it went well); nil for other messages.
  var code: Int32? {
    guard type == Self.error || type == Self.done else { return nil }
    guard let value = body.native(UInt32.self, at: 0) else { return type == Self.done ? 0 : 5 }
    return -Int32(bitPattern: value)
  }

  /// The kernel's own words about an error (NLMSGERR_ATTR_MSG), where it gave any.
  var explanation: String {
    // With NETLINK_CAP_ACK only the header of the request (16 bytes) follows the code.
    guard type == Self.error, flags & 0x200 != 0, body.count > 20 else { return "" }
    for (type, payload) in NetlinkAttributeReader(body.dropFirst(20)) where type == 1 {
      return payload.text
    }
    return ""
  }
}
