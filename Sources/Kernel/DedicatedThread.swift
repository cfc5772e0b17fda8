internal import CLinux
internal import Glibc
internal import Synchronization

/// A thread of its own for what must not run on a shared one: joining a namespace, or waiting in
/// the kernel for as long as the engine lives.
public final class DedicatedThread: Sendable {
  private let state: Mutex<UInt?>

  /// Starts `body` on a new thread. The thread has the namespaces of the one that starts it.
  public init(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    var thread = pthread_t()
    let box = unsafe Unmanaged.passRetained(Box(body))
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        let box = unsafe Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue()
        box.body()
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      unsafe box.release()
      throw SystemError("start a thread", on: "", code: code)
    }
    state = Mutex(UInt(thread))
  }

  /// Waits for the end; only the first call does.
  public func join() {
    let thread = state.withLock { state in
      defer { state = nil }
      return state
    }
    if let thread { _ = pthread_join(pthread_t(thread), nil) }
  }

  deinit {
    if let thread = state.withLock({ $0 }) { pthread_detach(pthread_t(thread)) }
  }

  private final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

extension DedicatedThread {
  /// Runs work that blocks for long on a thread of its own and waits for it without blocking a task.
  public static func run<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
      do {
        _ = try DedicatedThread {
          let result: Result<Value, Failure>
          do throws(Failure) { result = .success(try body()) } catch { result = .failure(error) }
          continuation.resume(returning: result)
        }
      } catch {
        // No thread is to be had: better slow than not at all.
        let result: Result<Value, Failure>
        do throws(Failure) { result = .success(try body()) } catch { result = .failure(error) }
        continuation.resume(returning: result)
      }
    }
    return try result.get()
  }
}
