extension Consistency {
  /// Reports each cycle of dependencies once, as a path, at the dependency that closes it.
  static func cycles(_ services: [Node.Pair], _ findings: inout Findings) {
    enum Mark { case open, done }
    var edges: [String: [Node.Pair]] = [:]
    for pair in services { edges[pair.key] = pair.value["depends_on"]?.pairs ?? [] }
    var marks: [String: Mark] = [:]
    for start in services.map(\.key) where marks[start] == nil {
      // Depth first with a stack of our own: a chain of services may be long.
      var path = [start]
      var next = [0]
      marks[start] = .open
      while let name = path.last, let i = next.last {
        let targets = edges[name] ?? []
        guard i < targets.count else {
          marks[name] = .done
          path.removeLast()
          next.removeLast()
          continue
        }
        next[next.count - 1] += 1
        let target = targets[i].key
        switch marks[target] {
        case .done: break
        case .open:
          let from = path.firstIndex(of: target) ?? 0
          let loop = (path[from...] + [target]).joined(separator: " -> ")
          findings.error(
            targets[i].keyAt, "the dependencies go round in a circle: \(loop)", fix: "remove one of them")
        case nil:
          guard edges[target] != nil else { continue }
          marks[target] = .open
          path.append(target)
          next.append(0)
        }
      }
    }
  }
}
