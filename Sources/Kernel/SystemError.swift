internal import CLinux
internal import Glibc

/// A system call, or a step made of some, that failed: what was tried, on what, why it failed and,
/// where it is known, what to do.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, such as `openat2` or `create the directory`.
  public var operation: String
  /// On what: a path, an interface, a process.
  public var subject: String
  /// The errno value; 0 where the kernel was not the one that refused.
  public var code: Int32
  /// Why or what to do, in words; empty where the code says it all.
  public var hint: String

  public init(_ operation: String, on subject: String, code: Int32, hint: String = "") {
    self.operation = operation
    self.subject = subject
    self.code = code
    self.hint = hint
  }

  /// The error of the system call that just failed on this thread.
  public static func last(_ operation: String, on subject: String, hint: String = "") -> SystemError {
    SystemError(operation, on: subject, code: errno, hint: hint)
  }

  /// The code's text, such as `No such file or directory`.
  public var reason: String { code == 0 ? "" : unsafe String(cString: strerror(code)) }

  public var description: String {
    let why = [reason, hint].filter { !$0.isEmpty }
    let head = subject.isEmpty ? operation : "\(operation) \(subject)"
    switch why.count {
    case 0: return head
    case 1: return "\(head): \(why[0])"
    default: return "\(head): \(why[0]) (\(why[1]))"
    }
  }
}

extension SystemError {
  public var isNotFound: Bool { code == ENOENT }
  public var isExisting: Bool { code == EEXIST }
  public var isNotEmpty: Bool { code == ENOTEMPTY }
  public var isNoSuchProcess: Bool { code == ESRCH }
  public var isBusy: Bool { code == EBUSY }
  /// ENODEV: on cgroup files, the group has gone since the file was opened.
  public var isNoDevice: Bool { code == ENODEV }
  public var isNotDirectory: Bool { code == ENOTDIR }
  public var isLoop: Bool { code == ELOOP }
  /// ECONNREFUSED: nobody listens at the socket.
  public var isRefused: Bool { code == ECONNREFUSED }
  /// EPIPE or ECONNRESET: the other end has closed.
  public var isBrokenPipe: Bool { code == EPIPE || code == ECONNRESET }
  /// EAGAIN: nothing is there to read, or there is no room to write.
  public var isNothingYet: Bool { code == EAGAIN }
  /// The wait was given up by its caller.
  public var isCancelled: Bool { code == ECANCELED }
  public var isNoSpace: Bool { code == ENOSPC || code == EDQUOT }
}
