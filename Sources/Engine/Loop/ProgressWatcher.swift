package import EngineInterface
package import Stacks
internal import Synchronization

/// Somebody who watches a stack being brought to what is wanted.
package final class ProgressWatcher: Sendable {
  package let number: Int
  /// Only passes that aim at this revision or a later one count.
  package let revision: Int64
  package let options: ApplyOptions
  package let aim: Aim
  /// When it stops waiting; nil: never by itself.
  package let deadline: Moment?
  private let continuation: AsyncStream<Progress>.Continuation
  private let lastReasons = Mutex<[String: String]>([:])

  /// What is waited for.
  package enum Aim: Hashable, Sendable {
    /// The stack is as wanted.
    case stack
    /// The one-off container with this key has been started.
    case begin(String)
    /// The one-off container with this key is gone.
    case end(String)
  }

  package init(
    number: Int, revision: Int64, options: ApplyOptions, aim: Aim = .stack, deadline: Moment?,
    continuation: AsyncStream<Progress>.Continuation
  ) {
    self.number = number
    self.revision = revision
    self.options = options
    self.aim = aim
    self.deadline = deadline
    self.continuation = continuation
  }

  func tell(_ progress: Progress) { continuation.yield(progress) }

  /// Says why a container waits, once for each reason.
  func tellWaiting(_ container: String, _ reason: String) {
    let isNew = lastReasons.withLock { reasons in
      defer { reasons[container] = reason }
      return reasons[container] != reason
    }
    if isNew { continuation.yield(.waiting(container: container, reason: reason)) }
  }

  func finish(_ outcome: Progress.Outcome) {
    continuation.yield(.finished(outcome))
    continuation.finish()
  }
}
