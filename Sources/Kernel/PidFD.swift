internal import CLinux
internal import Glibc

/// A process by its number and the time at which it began, in clock ticks since the boot: another one that is
/// given the number later has another time.
public struct ProcessMark: Hashable, Sendable {
  public var number: Int32
  public var ticks: UInt64

  public init(number: Int32, ticks: UInt64) {
    self.number = number
    self.ticks = ticks
  }

  /// Whether it has not ended.
  public var isRunning: Bool { Processes.startTicks(number) == ticks }
}

/// A handle on one process that never comes to mean another (pidfd_open(2)). It becomes readable when
/// the process has ended.
public struct PidFD: Sendable {
  public let descriptor: Descriptor

  public init(_ descriptor: Descriptor) { self.descriptor = descriptor }

  /// Throws ESRCH where there is no such process.
  public init(process: Int32) throws(SystemError) {
    let number = cl_pidfd_open(process)
    guard number >= 0 else { throw .last("pidfd_open", on: "process \(process)") }
    descriptor = Descriptor(owning: number)
  }

  /// nil: it is gone.
  public init?(_ process: ProcessMark) throws(SystemError) {
    do throws(SystemError) {
      try self.init(process: process.number)
    } catch {
      if error.isNoSuchProcess || error.code == EINVAL { return nil }
      throw error
    }
    // Looked at after the handle was opened: the number cannot change hands any more.
    guard process.isRunning else { return nil }
  }

  public func send(_ signal: Int32) throws(SystemError) {
    guard cl_pidfd_signal(descriptor.number, signal) == 0 else {
      throw .last("send signal \(signal)", on: "")
    }
  }

  /// The process has ended, whether it was reaped or not.
  public var hasEnded: Bool { cl_poll(descriptor.number, Int16(POLLIN), 0) > 0 }

  /// Takes the status of a child of ours that has ended. False: it still runs.
  @discardableResult
  public func reap() throws(SystemError) -> Bool {
    if cl_pidfd_reap(descriptor.number) == 0 { return true }
    if errno == EAGAIN { return false }
    throw .last("wait", on: "a child process")
  }
}

/// What /proc says about processes of the host.
public enum Processes {
  /// Opens a namespace of a process by its name in /proc/PID/ns, such as `net`.
  public static func openNamespace(_ name: String, of process: Int32) throws(SystemError) -> Descriptor {
    let path = "/proc/\(process)/ns/\(name)"
    let number = unsafe cl_open(path, O_RDONLY | O_CLOEXEC, 0)
    guard number >= 0 else { throw .last("open", on: path) }
    return Descriptor(owning: number)
  }

  /// When the process started, in clock ticks since boot; nil: it is gone, or has ended and only waits
  /// to be reaped.
  public static func startTicks(_ process: Int32) -> UInt64? {
    guard let text = try? Files.read("/proc/\(process)/stat"),
      let name = text.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    // After the name come the state (field 3) and, as field 22, the start.
    let fields = text[(name + 1)...].split(separator: UInt8(ascii: " "))
    guard fields.count > 19, let state = fields[0].first, state != UInt8(ascii: "Z"),
      state != UInt8(ascii: "X")
    else { return nil }
    return UInt64(String(decoding: fields[19], as: UTF8.self))
  }
}
