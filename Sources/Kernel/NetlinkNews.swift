internal import CLinux
internal import Glibc

/// Hears what happens to the networks of the namespace that it was made in (netlink(7) multicast),
/// without looking at anything by itself.
public struct NetlinkNews: Sendable {
  public enum Topic: Sendable {
    /// Links that are deleted or set down, and addresses that are taken away, but for those of a link alone.
    case losses
    /// Changes of the packet filter.
    case filter
  }

  /// Readable when there is something to hear.
  public let descriptor: Descriptor

  public init(_ topic: Topic) throws(SystemError) {
    let number =
      switch topic {
      case .losses: cl_hear_links()
      case .filter: cl_hear_filter()
      }
    guard number >= 0 else { throw .last("listen for changes", on: "\(topic)") }
    descriptor = Descriptor(owning: number)
  }

  /// What has happened since the last call, oldest first; nil: so much that some of it was not kept.
  /// Never waits.
  public func take() throws(SystemError) -> [NetlinkReply]? {
    var news: [NetlinkReply] = []
    while true {
      var code: Int32 = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 16384) { buffer, filled in
        let n = unsafe cl_netlink_receive(descriptor.number, buffer.baseAddress, 16384)
        if n < 0 { code = errno } else { filled = n }
      }
      switch code {
      case 0: news += NetlinkReply.parse(bytes)
      case EAGAIN: return news
      case ENOBUFS, EMSGSIZE: return nil
      default: throw SystemError("hear", on: "changes of networks", code: code)
      }
    }
  }
}

/// Something that `NetlinkNews` heard.
public enum NetworkLoss: Hashable, Sendable {
  /// The link with this name was deleted.
  case deleted(link: String)
  /// The link with this name was set down.
  case down(link: String)
  /// An address was taken from a link.
  case address

  /// nil: it is none.
  public init?(_ reply: NetlinkReply) {
    switch reply.type {
    case AddressMessage.delete: self = .address
    case LinkMessage.delete, LinkMessage.new:
      guard
        let name = NetlinkAttributeReader(reply.body.dropFirst(16)).first(where: {
          $0.type == LinkMessage.Attribute.name
        })?.payload.text
      else { return nil }
      self = reply.type == LinkMessage.delete ? .deleted(link: name) : .down(link: name)
    default: return nil
    }
  }
}

/// The packet filter's count of changes (linux/netfilter/nf_tables.h).
public enum FilterGeneration {
  /// `struct nfgenmsg`: family, version, resource.
  static let ask = NetlinkMessage(
    type: 10 << 8 | 16, flags: 0, body: [0, 0, 0, 0], purpose: "ask for the packet filter's generation")

  /// The generation that a message is about; nil: none.
  public static func number(of reply: NetlinkReply) -> UInt32? {
    guard reply.type == 10 << 8 | 15 else { return nil }
    for (type, payload) in NetlinkAttributeReader(reply.body.dropFirst(4)) where type == 1 {
      return payload.address
    }
    return nil
  }

  /// The present one, in the socket's namespace.
  public static func current(_ socket: NetlinkSocket) throws(SystemError) -> UInt32? {
    try socket.ask(ask).lazy.compactMap { number(of: $0) }.first
  }
}
