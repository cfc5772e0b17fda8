/// One connection that the kernel tracks.
public struct TrackedFlow: Hashable, Sendable {
  /// The IP protocol: 6 is TCP, 17 UDP.
  public var transport: UInt8
  /// Where its first packet went.
  public var originalDestination: End
  /// Where answers come from: not the same where the destination was translated.
  public var replySource: End

  public struct End: Hashable, Sendable {
    /// Four or sixteen bytes, in network order.
    public var address: [UInt8]
    public var port: UInt16

    public init(address: [UInt8], port: UInt16) {
      self.address = address
      self.port = port
    }
  }

  var originalTuple: [UInt8]
  var id: [UInt8]?
}

/// The kernel's table of connections (linux/netfilter/nfnetlink_conntrack.h).
public enum Conntrack {
  static let get: UInt16 = 0x101
  static let delete: UInt16 = 0x102
  static let original: UInt16 = 1
  static let reply: UInt16 = 2
  static let id: UInt16 = 12
  /// `struct nfgenmsg`: family, version 0, resource 0.
  static func header(isIPv6: Bool) -> [UInt8] { [isIPv6 ? 10 : 2, 0, 0, 0] }

  /// Forgets the flows of a family that `isStale` picks, so that their next packets are looked at afresh.
  public static func forget(isIPv6: Bool, where isStale: (TrackedFlow) -> Bool) throws(SystemError) {
    let socket = try NetlinkSocket(.netfilter)
    let list = NetlinkMessage(
      type: get, flags: 0, body: header(isIPv6: isIPv6), purpose: "list the tracked connections")
    let stale = try socket.dump(list).compactMap(TrackedFlow.init).filter(isStale)
    let failures = try socket.perform(stale.map(forget))
    // One that ended by itself in between is what was wanted.
    for case let failure? in failures where !failure.isNotFound { throw failure }
  }

  static func forget(_ flow: TrackedFlow) -> NetlinkMessage {
    var attributes = NetlinkAttributes()
    attributes.put(original | 0x8000, bytes: flow.originalTuple)
    if let id = flow.id { attributes.put(Self.id, bytes: id) }
    return NetlinkMessage(
      type: delete, flags: 0,
      body: header(isIPv6: flow.originalDestination.address.count == 16) + attributes.bytes,
      purpose: "forget a tracked connection")
  }
}

extension TrackedFlow {
  init?(_ reply: NetlinkReply) {
    guard reply.body.count >= 4, reply.body.first == 2 || reply.body.first == 10 else { return nil }
    var original: Tuple?
    var answer: Tuple?
    originalTuple = []
    for (type, payload) in NetlinkAttributeReader(reply.body.dropFirst(4)) {
      switch type {
      case Conntrack.original:
        original = Tuple(payload)
        originalTuple = Array(payload)
      case Conntrack.reply: answer = Tuple(payload)
      case Conntrack.id: id = Array(payload)
      default: break
      }
    }
    guard let original, let answer, [4, 16].contains(original.destination.address.count) else { return nil }
    transport = original.transport
    originalDestination = original.destination
    replySource = answer.source
  }

  private struct Tuple {
    var transport: UInt8 = 0
    var source = End(address: [], port: 0)
    var destination = End(address: [], port: 0)

    init(_ bytes: ArraySlice<UInt8>) {
      for (type, payload) in NetlinkAttributeReader(bytes) {
        for (inner, value) in NetlinkAttributeReader(payload) {
          switch (type, inner) {
          case (1, 1), (1, 3): source.address = Array(value)
          case (1, 2), (1, 4): destination.address = Array(value)
          case (2, 1): transport = value.first ?? 0
          case (2, 2): source.port = value.reduce(0) { $0 << 8 | UInt16($1) }
          case (2, 3): destination.port = value.reduce(0) { $0 << 8 | UInt16($1) }
          default: break
          }
        }
      }
    }
  }
}
