internal import CLinux
internal import Glibc

/// A conversation with the kernel over netlink(7), in the network namespace of the thread that
/// opened it. Not for use by two threads at a time.
public final class NetlinkSocket: Sendable {
  /// Which part of the kernel answers.
  public enum Subsystem: Int32, Sendable {
    /// Links, addresses, routes: rtnetlink(7).
    case route = 0
    /// Connection tracking.
    case netfilter = 12
  }

  private let descriptor: Descriptor

  public init(_ subsystem: Subsystem = .route) throws(SystemError) {
    let number = cl_netlink_socket(subsystem.rawValue)
    guard number >= 0 else { throw .last("open a netlink socket", on: "\(subsystem)") }
    descriptor = Descriptor(owning: number)
  }

  /// How many messages go out in one system call; the answers to them fit the receive buffer.
  private static let batch = 256

  /// Sends the messages, many in one system call, and collects an outcome for each: nil where it
  /// went well. A failure does not hold up those behind it.
  public func perform(_ messages: [NetlinkMessage]) throws(SystemError) -> [SystemError?] {
    var outcomes: [SystemError?] = []
    var start = 0
    while start < messages.count {
      let part = messages[start..<min(start + Self.batch, messages.count)]
      outcomes += try performBatch(part)
      start += part.count
    }
    return outcomes
  }

  /// Sends the messages and throws the first failure, after all have been tried.
  public func performAll(_ messages: [NetlinkMessage]) throws(SystemError) {
    for case let failure? in try perform(messages) { throw failure }
  }

  private func performBatch(_ messages: ArraySlice<NetlinkMessage>) throws(SystemError)
    -> [SystemError?]
  {
    var bytes: [UInt8] = []
    for (i, message) in messages.enumerated() {
      var message = message
      message.flags |= NetlinkMessage.request | NetlinkMessage.acknowledge
      bytes += message.encoded(sequence: UInt32(i + 1))
    }
    try send(bytes)
    var outcomes: [SystemError?] = Array(repeating: nil, count: messages.count)
    var missing = messages.count
    while missing > 0 {
      for reply in NetlinkReply.parse(try receive()) {
        guard let code = reply.code, reply.type == NetlinkReply.error,
          (1...messages.count).contains(Int(reply.sequence))
        else { continue }
        missing -= 1
        if code != 0 {
          let index = Int(reply.sequence) - 1
          outcomes[index] = SystemError(
            messages[messages.startIndex + index].purpose, on: "", code: code, hint: reply.explanation)
        }
      }
    }
    return outcomes
  }

  /// Sends one message and gives what is said before the acknowledgement.
  public func ask(_ message: NetlinkMessage) throws(SystemError) -> [NetlinkReply] {
    var message = message
    message.flags |= NetlinkMessage.request | NetlinkMessage.acknowledge
    try send(message.encoded(sequence: 1))
    var replies: [NetlinkReply] = []
    while true {
      for reply in NetlinkReply.parse(try receive()) {
        guard let code = reply.code else {
          replies.append(reply)
          continue
        }
        guard code == 0 else {
          throw SystemError(message.purpose, on: "", code: code, hint: reply.explanation)
        }
        return replies
      }
    }
  }

  /// Asks for a list and gives the bodies of all parts of the answer. Asks again where the list
  /// changed while it was read.
  public func dump(_ message: NetlinkMessage) throws(SystemError) -> [NetlinkReply] {
    var attempts = 0
    while true {
      attempts += 1
      var message = message
      message.flags |= NetlinkMessage.request | NetlinkMessage.dump
      try send(message.encoded(sequence: 1))
      var replies: [NetlinkReply] = []
      var wasInterrupted = false
      reading: while true {
        for reply in NetlinkReply.parse(try receive()) {
          if reply.flags & 0x10 != 0 { wasInterrupted = true }
          if let code = reply.code {
            guard code == 0 else {
              throw SystemError(message.purpose, on: "", code: code, hint: reply.explanation)
            }
            break reading
          }
          replies.append(reply)
        }
      }
      // A list that was torn is worth a few more tries; under constant change any of them is as good.
      if !wasInterrupted || attempts == 8 { return replies }
    }
  }

  private func send(_ bytes: [UInt8]) throws(SystemError) {
    let n = unsafe bytes.withUnsafeBytes { unsafe Glibc.send(descriptor.number, $0.baseAddress, $0.count, 0) }
    guard n == bytes.count else { throw .last("send", on: "a netlink socket") }
  }

  private func receive() throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 65536) { buffer, filled in
      let n = unsafe cl_netlink_receive(descriptor.number, buffer.baseAddress, 65536)
      if n < 0 { failure = .last("receive", on: "a netlink socket") } else { filled = n }
    }
    if let failure { throw failure }
    return bytes
  }
}
