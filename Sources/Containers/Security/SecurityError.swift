public import Kernel

/// Why a container's security settings cannot be had.
public enum SecurityError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No capability, ulimit or the like has this name.
  case unknown(kind: String, name: String, nearest: String?)
  /// The engine itself does not have the capability, so it cannot give it.
  case unavailableCapability(String)
  /// A ulimit cannot be set.
  case ulimit(name: String, problem: String, fix: String)
  /// There is no seccomp profile for this machine's instruction set.
  case unsupportedArchitecture
  /// A seccomp profile from a file is not one.
  case profile(String)
  case system(SystemError)

  public var description: String {
    switch self {
    case .unknown(let kind, let name, let nearest):
      "unknown \(kind) '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    case .unavailableCapability(let name):
      "add the capability \(name): the engine does not have it itself (it is not in its bounding "
        + "set: give it to the engine, or drop it from cap_add)"
    case .ulimit(let name, let problem, let fix): "set the ulimit \(name): \(problem) (\(fix))"
    case .unsupportedArchitecture:
      "make the seccomp filter: there is no profile for this machine's instruction set "
        + "(run the container privileged to go without a filter)"
    case .profile(let problem): "read the seccomp profile: \(problem)"
    case .system(let error): error.description
    }
  }
}

/// The candidate that `name` is most likely a misspelling of; nil where none is near.
func nearestName(to name: String, among candidates: [String]) -> String? {
  let scored = candidates.map { (distance(name, $0), $0) }
  guard let best = scored.min(by: { $0 < $1 }), best.0 <= max(1, name.count / 3) else { return nil }
  return best.1
}

/// Insertions, deletions and replacements between two words (Levenshtein).
private func distance(_ a: String, _ b: String) -> Int {
  let b = Array(b)
  var row = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let change = diagonal + (letter == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(change, row[j] + 1, diagonal + 1)
    }
  }
  return row[b.count]
}
