/// The services in an order in which each comes after all that it depends on.
struct ServiceOrder {
  /// Every service that is wanted, depended on or has a container.
  private(set) var sequence: [String] = []
  /// What each service depends on, without the entries that would close a circle.
  private(set) var dependencies: [String: [String: Dependency]]
  /// The services that depend on each, sorted.
  private(set) var dependents: [String: [String]] = [:]
  /// One text for each circle that was cut.
  private(set) var circles: [String] = []

  init(services: Set<String>, dependencies: [String: [String: Dependency]]) {
    self.dependencies = dependencies
    var done: Set<String> = []
    var path: [String] = []
    for service in services.union(dependencies.keys).sorted() { visit(service, &done, &path) }
    for service in sequence {
      for dependency in (self.dependencies[service] ?? [:]).keys {
        dependents[dependency, default: []].append(service)
      }
    }
  }

  private mutating func visit(_ service: String, _ done: inout Set<String>, _ path: inout [String]) {
    guard !done.contains(service) else { return }
    path.append(service)
    for dependency in (dependencies[service] ?? [:]).keys.sorted() {
      if let start = path.firstIndex(of: dependency) {
        let circle = path[start...] + [dependency]
        circles.append(
          "\(circle.joined(separator: " → ")) is a circle: \(service) does not wait for \(dependency)")
        dependencies[service]?[dependency] = nil
      } else {
        visit(dependency, &done, &path)
      }
    }
    path.removeLast()
    done.insert(service)
    sequence.append(service)
  }

  /// The nearest dependents of `service`, passing over those without an entry in `present`.
  func nearestDependents<Value>(of service: String, in present: [String: Value]) -> [String] {
    var found: Set<String> = []
    var seen: Set<String> = [service]
    var rest = dependents[service] ?? []
    while let next = rest.popLast() {
      guard seen.insert(next).inserted else { continue }
      if present[next] != nil { found.insert(next) } else { rest += dependents[next] ?? [] }
    }
    return found.sorted()
  }
}
