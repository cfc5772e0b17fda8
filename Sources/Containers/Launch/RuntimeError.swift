public import Kernel

/// Why a container could not be started, reached or removed.
public enum RuntimeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The request itself is wrong; nothing was started.
  case invalid(String)
  /// A step of the start failed inside the container; nothing is left of it. `exitCode` is what the
  /// failure counts as: 127 no such command, 126 it cannot be executed, 125 anything else.
  case start(SystemError, exitCode: Int32)
  /// The shim ended without a word.
  case shimLost(String)
  /// The container is not running.
  case notRunning(id: String)
  /// The container is running, so it can neither be started nor removed.
  case running(id: String)
  /// The caller's task was cancelled.
  case cancelled
  /// A system call of the engine's failed.
  case system(SystemError)

  public var description: String {
    switch self {
    case .invalid(let what): what
    case .start(let error, _): error.description
    case .shimLost(let what): "\(what): the shim has ended (was it killed?)"
    case .notRunning(let id): "container \(id.prefix(12)) is not running"
    case .running(let id): "container \(id.prefix(12)) is running (stop it first)"
    case .cancelled: "cancelled"
    case .system(let error): error.description
    }
  }

  /// The exit code that a failed start counts as (docker-run(1)).
  public var exitCode: Int32 {
    if case .start(_, let code) = self { return code }
    return 125
  }
}

/// Runs `body` with the kernel's error wrapped.
func attempt<Result>(_ body: () throws(SystemError) -> Result) throws(RuntimeError) -> Result {
  do throws(SystemError) { return try body() } catch { throw RuntimeError(error) }
}

/// Runs `body` with the kernel's error wrapped.
func waiting<Result>(_ body: () async throws(SystemError) -> Result) async throws(RuntimeError) -> Result {
  do throws(SystemError) { return try await body() } catch { throw RuntimeError(error) }
}

extension RuntimeError {
  init(_ error: SystemError) { self = error.isCancelled ? .cancelled : .system(error) }
}
