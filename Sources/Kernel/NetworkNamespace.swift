internal import CLinux
internal import Glibc
internal import Synchronization

/// A network namespace held open by a descriptor; it lives as long as that or a process in it.
public struct NetworkNamespace: Sendable {
  public let descriptor: Descriptor

  public init(_ descriptor: Descriptor) { self.descriptor = descriptor }

  /// Opens the namespace of a process.
  public init(ofProcess pid: Int32) throws(SystemError) {
    descriptor = try Self.open("/proc/\(pid)/ns/net")
  }

  /// The namespace of the calling thread.
  public static func current() throws(SystemError) -> NetworkNamespace {
    NetworkNamespace(try open("/proc/thread-self/ns/net"))
  }

  /// Makes a new, empty one: only a loopback interface, and that down.
  public static func create() throws(SystemError) -> NetworkNamespace {
    try onThread { () throws(SystemError) in
      guard cl_unshare_network() == 0 else { throw .last("create", on: "a network namespace") }
      return try current()
    }
  }

  /// Runs `body` on a thread that is in this namespace, and waits for it. Sockets that it opens
  /// stay in the namespace.
  public func run<T: Sendable>(_ body: @escaping @Sendable () throws(SystemError) -> T)
    throws(SystemError) -> T
  {
    let descriptor = descriptor
    return try Self.onThread { () throws(SystemError) in
      guard cl_join_network(descriptor.number) == 0 else {
        throw .last("join", on: "a network namespace")
      }
      return try body()
    }
  }

  private static func onThread<T: Sendable>(_ body: @escaping @Sendable () throws(SystemError) -> T)
    throws(SystemError) -> T
  {
    let answer = Answer<T>()
    let thread = try DedicatedThread {
      do throws(SystemError) {
        let value = try body()
        answer.outcome.withLock { $0 = .success(value) }
      } catch {
        answer.outcome.withLock { $0 = .failure(error) }
      }
    }
    thread.join()
    guard let outcome = answer.outcome.withLock({ $0 }) else {
      throw SystemError("run", on: "a thread", code: EINVAL)
    }
    return try outcome.get()
  }

  /// A name in /proc/…/ns is a magic link, which is what we want to follow here.
  private static func open(_ path: String) throws(SystemError) -> Descriptor {
    let number = unsafe cl_open(path, O_RDONLY | O_CLOEXEC, 0)
    guard number >= 0 else { throw .last("open", on: path) }
    return Descriptor(owning: number)
  }

  private final class Answer<T: Sendable>: Sendable {
    let outcome = Mutex<Result<T, SystemError>?>(nil)
  }
}
