internal import Synchronization

/// Links that are being deleted by a thread of its own.
///
/// The kernel answers who deletes a link only when it has waited, twice, until nobody can be using what is left
/// of it in memory (rcu_barrier): some 20 ms after the link is gone for everybody else, which it tells all who
/// listen (netlink(7), RTNLGRP_LINK). Who has to wait for the link alone waits for that.
public final class LinkRemoval: Sendable {
  private let links: Set<String>
  private let messages: [NetlinkMessage]
  private let news: NetlinkNews
  /// Readable, at its end, when the kernel has answered.
  private let answered: Descriptor
  private let answer = Mutex<Result<[SystemError?], SystemError>?>(nil)

  /// Begins to delete. `messages` delete the `links` with these names, and maybe others; in the network
  /// namespace of the calling thread.
  public init(of links: Set<String>, by messages: [NetlinkMessage]) throws(SystemError) {
    self.links = links
    self.messages = messages
    news = try NetlinkNews(.losses)
    let (read, write) = try Pipe.make()
    answered = read
    let socket = try NetlinkSocket()
    _ = try DedicatedThread { [self] in
      let result: Result<[SystemError?], SystemError>
      do throws(SystemError) { result = .success(try socket.perform(messages)) } catch {
        result = .failure(error)
      }
      // The other end of the pipe is closed with this closure.
      withExtendedLifetime(write) { answer.withLock { $0 = result } }
    }
  }

  /// Returns when none of the links is there any more, with an outcome for each message as
  /// `NetlinkSocket.perform` gives it, or when the kernel has answered all messages.
  public func wait() throws(SystemError) -> [SystemError?] {
    var left = links
    var isHearing = true
    while true {
      let ready = try Poll.wait(
        readable: isHearing ? [answered.number, news.descriptor.number] : [answered.number])
      if ready.contains(answered.number), let answer = answer.withLock({ $0 }) { return try answer.get() }
      guard ready.contains(news.descriptor.number) else { continue }
      // Where some of the news was lost, the answer says it.
      guard let heard = try news.take() else {
        isHearing = false
        continue
      }
      for case .deleted(let link)? in heard.map(NetworkLoss.init) { left.remove(link) }
      if left.isEmpty { return Array(repeating: nil, count: messages.count) }
    }
  }
}
