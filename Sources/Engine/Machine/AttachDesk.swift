internal import Containers
internal import Stacks
internal import Synchronization

/// Sessions with containers that somebody wants to be attached to from the first byte: each is opened
/// before the container's program begins, and kept here until it is called for.
final class AttachDesk: Sendable {
  private struct Name: Hashable { var stack, key: String }
  private enum Entry {
    case expected(givesInput: Bool)
    case open(AttachSession)
  }
  private let entries = Mutex<[Name: Entry]>([:])

  /// The one-off container with this key is to be attached to when it is started.
  func expect(_ stack: String, _ key: String, givesInput: Bool) {
    entries.withLock { $0[Name(stack: stack, key: key)] = .expected(givesInput: givesInput) }
  }

  /// Whether whoever wants to be attached to it gives input; nil: nobody wants to be.
  func expectation(_ slot: Slot) -> Bool? {
    guard
      case .expected(let givesInput)? = entries.withLock({ $0[Name(stack: slot.stack, key: slot.service)] })
    else { return nil }
    return givesInput
  }

  func keep(_ session: AttachSession, for slot: Slot) {
    entries.withLock { $0[Name(stack: slot.stack, key: slot.service)] = .open(session) }
  }

  /// The session that was kept, once; nil: there is none.
  func take(_ slot: Slot) -> AttachSession? {
    entries.withLock { entries in
      let name = Name(stack: slot.stack, key: slot.service)
      guard case .open(let session)? = entries[name] else { return nil }
      entries[name] = nil
      return session
    }
  }

  /// Nobody wants it any more. A session that is kept is closed.
  func forget(_ stack: String, _ key: String) {
    entries.withLock { $0[Name(stack: stack, key: key)] = nil }
  }
}
