import EngineInterface
import Stacks
import Synchronization
import Wire

/// The processes that clients run with exec, from the request that announces one until its end has
/// been asked for or forgotten.
final class ExecTable: Sendable {
  /// So many are remembered; the oldest that have ended, or never begun, are forgotten first.
  static let most = 1024

  struct Entry: Sendable {
    enum State: Sendable {
      case announced(size: (rows: UInt16, columns: UInt16)?)
      case starting(size: (rows: UInt16, columns: UInt16)?)
      case running(any ExecSession)
      case ended(Int32)
    }
    let number: Int
    let container: ContainerID
    let options: ExecOptions
    var state: State
  }

  private struct Content {
    var entries: [String: Entry] = [:]
    var nextNumber = 0
  }
  private let content = Mutex(Content())

  /// Announces a process; the ID to start it by. A user or directory that is empty is none, as Docker has it.
  func add(_ container: ContainerID, _ options: ExecOptions, size: (rows: UInt16, columns: UInt16)?) -> String
  {
    var options = options
    if options.user?.isEmpty == true { options.user = nil }
    if options.workingDirectory?.isEmpty == true { options.workingDirectory = nil }
    let announced = options
    let id = ContainerID.random().description
    content.withLock { content in
      content.nextNumber += 1
      content.entries[id] = Entry(
        number: content.nextNumber, container: container, options: announced, state: .announced(size: size))
      guard content.entries.count > Self.most else { return }
      let idle = content.entries.filter { if case .running = $0.value.state { false } else { true } }
      if let oldest = idle.min(by: { $0.value.number < $1.value.number }) {
        content.entries[oldest.key] = nil
      }
    }
    return id
  }

  func entry(_ id: String) throws(APIError) -> Entry {
    guard let entry = content.withLock({ $0.entries[id] }) else {
      throw APIError(404, "No such exec instance: \(id.prefix(80))")
    }
    return entry
  }

  /// How it ended; nil: it has not, or is not known any more.
  func exitCode(_ id: String) -> Int32? {
    guard case .ended(let code) = content.withLock({ $0.entries[id]?.state }) else { return nil }
    return code
  }

  /// Takes the right to start it: only the first who asks gets it.
  func begin(_ id: String) throws(APIError) -> Entry {
    let entry = try entry(id)
    let isFirst = content.withLock { content in
      guard case .announced(let size) = content.entries[id]?.state else { return false }
      content.entries[id]?.state = .starting(size: size)
      return true
    }
    guard isFirst else { throw APIError(409, "Error: Exec command \(id) has already run") }
    return entry
  }

  /// The process runs. Returns the size that was asked for meanwhile.
  func set(_ id: String, running session: any ExecSession) -> (rows: UInt16, columns: UInt16)? {
    content.withLock { content in
      let before = content.entries[id]?.state
      content.entries[id]?.state = .running(session)
      if case .starting(let size) = before { return size }
      return nil
    }
  }

  func set(_ id: String, ended code: Int32) {
    content.withLock { $0.entries[id]?.state = .ended(code) }
  }

  /// Keeps the size for a process that does not run yet; the session of one that does.
  func resize(_ id: String, rows: UInt16, columns: UInt16) throws(APIError) -> (any ExecSession)? {
    _ = try entry(id)
    return content.withLock { content in
      switch content.entries[id]?.state {
      case .announced: content.entries[id]?.state = .announced(size: (rows, columns))
      case .starting: content.entries[id]?.state = .starting(size: (rows, columns))
      case .running(let session): return session
      case .ended, nil: break
      }
      return nil
    }
  }
}
