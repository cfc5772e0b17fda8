internal import CLinux
internal import Glibc

/// Waits for many descriptors at once (epoll(7)), and can be woken from another thread.
public final class EventQueue: Sendable {
  public struct Interest: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public static let readable = Interest(rawValue: 1)
    public static let writable = Interest(rawValue: 4)
    /// Reported without being asked for: the other end is gone, or an error is pending.
    public static let broken = Interest(rawValue: 8 | 16)
  }

  private let epoll: Descriptor
  private let bell: Descriptor
  private static let bellToken = UInt64.max

  public init() throws(SystemError) {
    let queue = cl_epoll_create()
    guard queue >= 0 else { throw .last("create", on: "an event queue") }
    epoll = Descriptor(owning: queue)
    let event = cl_wake_event()
    guard event >= 0 else { throw .last("create", on: "an event descriptor") }
    bell = Descriptor(owning: event)
    try control(1, bell, .readable, Self.bellToken)
  }

  /// Begins to watch a descriptor. `token` comes back with its events; it may not be `UInt64.max`.
  public func add(_ descriptor: Descriptor, for interest: Interest, token: UInt64) throws(SystemError) {
    try control(1, descriptor, interest, token)
  }

  public func change(_ descriptor: Descriptor, to interest: Interest, token: UInt64) throws(SystemError) {
    try control(3, descriptor, interest, token)
  }

  /// Ends the watching; closing the descriptor does it too.
  public func remove(_ descriptor: Descriptor) throws(SystemError) {
    try control(2, descriptor, [], 0)
  }

  /// Makes a `wait`, now or next, return.
  public func wake() { _ = try? bell.write([1, 0, 0, 0, 0, 0, 0, 0]) }

  /// Waits for events, at most `milliseconds` (nil: without end). A wake-up alone gives none.
  public func wait(milliseconds: Int?) throws(SystemError) -> [(token: UInt64, ready: Interest)] {
    var events = [UInt32](repeating: 0, count: 64)
    var tokens = [UInt64](repeating: 0, count: 64)
    let timeout = Int32(clamping: milliseconds ?? -1)
    let n = unsafe cl_epoll_wait(epoll.number, &events, &tokens, timeout)
    guard n >= 0 else { throw .last("wait", on: "an event queue") }
    var ready: [(token: UInt64, ready: Interest)] = []
    for i in 0..<Int(n) {
      if tokens[i] == Self.bellToken {
        _ = try bell.read(upTo: 8)
      } else {
        ready.append((tokens[i], Interest(rawValue: events[i])))
      }
    }
    return ready
  }

  private func control(_ operation: Int32, _ descriptor: Descriptor, _ interest: Interest, _ token: UInt64)
    throws(SystemError)
  {
    guard cl_epoll_control(epoll.number, operation, descriptor.number, interest.rawValue, token) == 0
    else { throw .last("watch", on: "descriptor \(descriptor.number)") }
  }
}
