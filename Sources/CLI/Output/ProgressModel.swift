import EngineInterface

/// What has happened so far on the way to what is wanted: one entry for each container, network and
/// volume that was touched, in the order of their first step.
struct ProgressModel {
  struct Entry: Hashable {
    enum State: Hashable {
      case working
      case waiting(String)
      case done
      case failed
    }
    var title: String
    var word: String
    var state: State
    /// When its first step began, and when its last one ended, in nanoseconds of a clock that is
    /// never set back.
    var begin: Int64
    var end: Int64?
  }

  private(set) var entries: [Entry] = []
  private(set) var warnings: [String] = []
  private(set) var failures: [String] = []
  private(set) var outcome: Progress.Outcome?

  mutating func apply(_ progress: Progress, at now: Int64) {
    switch progress {
    case .began(let task):
      update(Self.title(task), at: now) {
        $0.state = .working
        $0.word = Self.words(task.verb).during
        $0.end = nil
      }
    case .ended(let task, _):
      update(Self.title(task), at: now) {
        $0.state = .done
        $0.word = Self.words(task.verb).after
        $0.end = now
      }
    case .failed(let task, let message):
      update(Self.title(task), at: now) {
        $0.state = .failed
        $0.word = "Error"
        $0.end = now
      }
      failures.append("\(Self.title(task)): \(message)")
    case .waiting(let container, let reason):
      update("Container \(container)", at: now) {
        $0.state = .waiting(reason)
        $0.word = "Waiting"
        $0.end = nil
      }
    case .warning(let text): warnings.append(text)
    case .finished(let outcome): self.outcome = outcome
    }
  }

  private mutating func update(_ title: String, at now: Int64, _ change: (inout Entry) -> Void) {
    if let index = entries.firstIndex(where: { $0.title == title }) {
      change(&entries[index])
    } else {
      var entry = Entry(title: title, word: "", state: .working, begin: now)
      change(&entry)
      entries.append(entry)
    }
  }

  /// `Container shop-web-1`.
  static func title(_ task: Progress.Task) -> String {
    let kind =
      switch task.kind {
      case .container: "Container"
      case .network: "Network"
      case .volume: "Volume"
      }
    return "\(kind) \(task.name)"
  }

  static func words(_ verb: Progress.Task.Verb) -> (during: String, after: String) {
    switch verb {
    case .create: ("Creating", "Created")
    case .start: ("Starting", "Started")
    case .stop: ("Stopping", "Stopped")
    case .remove: ("Removing", "Removed")
    case .update: ("Updating", "Updated")
    }
  }
}
