/// The messages about IPv4 addresses (linux/if_addr.h). Addresses are in host byte order.
public enum AddressMessage {
  static let new: UInt16 = 20
  static let delete: UInt16 = 21
  static let get: UInt16 = 22
  static let addressAttribute: UInt16 = 1
  static let localAttribute: UInt16 = 2
  static let broadcastAttribute: UInt16 = 4

  /// The address is used at once: nobody else is asked whether it has it.
  static let noDetection: UInt8 = 2

  /// `struct ifaddrmsg`: family, prefix, flags, scope, index of the link.
  static func header(prefix: Int, index: UInt32, family: UInt8 = 2, flags: UInt8 = 0) -> [UInt8] {
    var bytes: [UInt8] = [family, UInt8(prefix), flags, 0]
    bytes.appendNative(index)
    return bytes
  }

  /// Gives the link an address and a broadcast address.
  public static func add(_ address: UInt32, prefix: Int, index: UInt32) -> NetlinkMessage {
    var attributes = NetlinkAttributes()
    attributes.put(localAttribute, address: address)
    attributes.put(addressAttribute, address: address)
    if prefix < 31 {
      attributes.put(broadcastAttribute, address: address | (UInt32.max >> UInt32(prefix)))
    }
    return NetlinkMessage(
      type: new, flags: NetlinkMessage.create | NetlinkMessage.replace,
      body: header(prefix: prefix, index: index) + attributes.bytes,
      purpose: "give interface number \(index) an address")
  }

  /// Gives the link an IPv6 address: sixteen bytes in network order.
  public static func add6(_ address: [UInt8], prefix: Int, index: UInt32) -> NetlinkMessage {
    var attributes = NetlinkAttributes()
    attributes.put(addressAttribute, bytes: address)
    return NetlinkMessage(
      type: new, flags: NetlinkMessage.create | NetlinkMessage.replace,
      body: header(prefix: prefix, index: index, family: 10, flags: noDetection) + attributes.bytes,
      purpose: "give interface number \(index) an IPv6 address")
  }

  public static let list6 = NetlinkMessage(
    type: get, flags: 0, body: header(prefix: 0, index: 0, family: 10), purpose: "list the IPv6 addresses")

  /// Takes an address from the link.
  public static func remove(_ address: UInt32, prefix: Int, index: UInt32) -> NetlinkMessage {
    var attributes = NetlinkAttributes()
    attributes.put(localAttribute, address: address)
    return NetlinkMessage(
      type: delete, flags: 0, body: header(prefix: prefix, index: index) + attributes.bytes,
      purpose: "take the address from interface number \(index)")
  }

  public static let list = NetlinkMessage(
    type: get, flags: 0, body: header(prefix: 0, index: 0), purpose: "list the addresses")
}

/// The messages about IPv4 routes (rtnetlink(7)).
public enum RouteMessage {
  static let new: UInt16 = 24
  static let get: UInt16 = 26
  static let destinationAttribute: UInt16 = 1
  static let linkAttribute: UInt16 = 4
  static let gatewayAttribute: UInt16 = 5

  /// `struct rtmsg`: family, prefixes, type of service, table 254 (main), protocol 3 (boot),
  /// scope, type 1 (unicast), flags.
  static func header(prefix: Int, family: UInt8 = 2) -> [UInt8] {
    [family, UInt8(prefix), 0, 0, 254, 3, 0, 1, 0, 0, 0, 0]
  }

  /// The route for whatever has no other.
  public static func addDefault(gateway: UInt32) -> NetlinkMessage {
    var attributes = NetlinkAttributes()
    attributes.put(gatewayAttribute, address: gateway)
    return NetlinkMessage(
      type: new, flags: NetlinkMessage.create | NetlinkMessage.exclusive,
      body: header(prefix: 0) + attributes.bytes, purpose: "add the default route")
  }

  /// The IPv6 route for whatever has no other: over a link, to a gateway of sixteen bytes.
  public static func addDefault6(gateway: [UInt8], index: UInt32) -> NetlinkMessage {
    var attributes = NetlinkAttributes()
    attributes.put(gatewayAttribute, bytes: gateway)
    attributes.put(linkAttribute, index)
    return NetlinkMessage(
      type: new, flags: NetlinkMessage.create | NetlinkMessage.exclusive,
      body: header(prefix: 0, family: 10) + attributes.bytes, purpose: "add the IPv6 default route")
  }

  public static let list = NetlinkMessage(
    type: get, flags: 0, body: [2] + Array(repeating: 0, count: 11), purpose: "list the routes")

  public static let list6 = NetlinkMessage(
    type: get, flags: 0, body: [10] + Array(repeating: 0, count: 11), purpose: "list the IPv6 routes")
}

/// A range of IPv4 addresses that the namespace uses: an address with its prefix, or a route.
public struct UsedRange: Hashable, Sendable {
  /// In host byte order.
  public var address: UInt32
  public var prefix: Int
  /// The index of the link; 0 where none is named.
  public var link: UInt32
}

extension UsedRange {
  init?(address reply: NetlinkReply) {
    guard reply.type == AddressMessage.new, reply.body.count >= 8, reply.body.first == 2,
      let index = reply.body.native(UInt32.self, at: 4)
    else { return nil }
    prefix = Int(reply.body[reply.body.startIndex + 1])
    link = index
    for (type, payload) in NetlinkAttributeReader(reply.body.dropFirst(8))
    where type == AddressMessage.localAttribute {
      guard let number = payload.address else { return nil }
      address = number
      return
    }
    return nil
  }

  init?(route reply: NetlinkReply) {
    guard reply.type == RouteMessage.new, reply.body.count >= 12, reply.body.first == 2 else { return nil }
    prefix = Int(reply.body[reply.body.startIndex + 1])
    link = 0
    address = 0
    for (type, payload) in NetlinkAttributeReader(reply.body.dropFirst(12)) {
      if type == RouteMessage.destinationAttribute { address = payload.address ?? 0 }
      if type == RouteMessage.linkAttribute { link = payload.native(UInt32.self, at: 0) ?? 0 }
    }
  }
}

/// The same for IPv6.
public struct UsedRange6: Hashable, Sendable {
  /// Sixteen bytes in network order.
  public var address: [UInt8]
  public var prefix: Int
  /// The index of the link; 0 where none is named.
  public var link: UInt32

  /// nil: the reply is about neither an IPv6 address nor an IPv6 route.
  init?(_ reply: NetlinkReply) {
    let isRoute = reply.type == RouteMessage.new
    let size = isRoute ? 12 : 8
    guard isRoute || reply.type == AddressMessage.new, reply.body.count >= size, reply.body.first == 10 else {
      return nil
    }
    prefix = Int(reply.body[reply.body.startIndex + 1])
    link = isRoute ? 0 : reply.body.native(UInt32.self, at: 4) ?? 0
    address = Array(repeating: 0, count: 16)
    for (type, payload) in NetlinkAttributeReader(reply.body.dropFirst(size)) {
      // IFA_ADDRESS and RTA_DST have one number.
      if type == AddressMessage.addressAttribute, payload.count == 16 { address = Array(payload) }
      if isRoute, type == RouteMessage.linkAttribute { link = payload.native(UInt32.self, at: 0) ?? 0 }
    }
  }
}

extension NetlinkSocket {
  /// Every IPv6 address of the namespace with the prefix of its network.
  public func addresses6() throws(SystemError) -> [UsedRange6] {
    try dump(AddressMessage.list6).compactMap { UsedRange6($0) }
  }

  /// The destination of every IPv6 route; the default route has prefix 0.
  public func routes6() throws(SystemError) -> [UsedRange6] {
    try dump(RouteMessage.list6).compactMap { UsedRange6($0) }
  }

  /// Every IPv4 address of the namespace with the prefix of its network.
  public func addresses() throws(SystemError) -> [UsedRange] {
    try dump(AddressMessage.list).compactMap { UsedRange(address: $0) }
  }

  /// The destination of every IPv4 route; the default route has prefix 0.
  public func routes() throws(SystemError) -> [UsedRange] {
    try dump(RouteMessage.list).compactMap { UsedRange(route: $0) }
  }
}
