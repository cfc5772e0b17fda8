internal import CLinux
internal import Glibc

/// Signals that are read from a descriptor instead of interrupting (signalfd(2)).
public final class SignalDescriptor: Sendable {
  public static let interrupt = SIGINT
  public static let terminate = SIGTERM
  public static let hangUp = SIGHUP
  public static let windowChange = SIGWINCH

  private let descriptor: Descriptor
  /// For `Poll.wait`.
  public var number: Int32 { descriptor.number }

  /// Blocks `signals` for this thread and all that it starts from now on, and opens a descriptor
  /// that reports them. To be called before a second thread exists.
  public init(_ signals: [Int32]) throws(SystemError) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal) }
    guard unsafe pthread_sigmask(SIG_BLOCK, &set, nil) == 0 else {
      throw .last("block signals", on: "\(signals)")
    }
    let number = unsafe cl_signalfd(&set)
    guard number >= 0 else { throw .last("signalfd", on: "\(signals)") }
    descriptor = Descriptor(owning: number)
  }

  /// The number of one signal that has come; nil: none is waiting.
  public func next() -> Int32? {
    let signal = cl_signalfd_next(number)
    return signal == 0 ? nil : signal
  }

  /// From now on writing to a closed pipe or socket is an error (EPIPE) and not the end of the process.
  public static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }
}
