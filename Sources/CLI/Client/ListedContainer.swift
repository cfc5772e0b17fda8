import DockerAPI

/// One container of a stack, as listings and logs name it.
struct ListedContainer: Hashable, Comparable {
  var id: String
  var name: String
  var service: String
  var number: Int
  var image: String
  var command: String
  /// Seconds since the epoch.
  var created: Int64
  var state: String
  var status: String
  var ports: [DockerPort]

  init(_ container: DockerContainer) {
    id = container.id
    name = String((container.names.first ?? "").drop { $0 == "/" })
    service = container.labels["com.docker.compose.service"] ?? ""
    number = container.labels["com.docker.compose.container-number"].flatMap { Int($0) } ?? 0
    image = container.image
    command = container.command
    created = container.created
    state = container.state
    status = container.status
    ports = container.ports
  }

  var isRunning: Bool { state == "running" }

  /// What is written before its output: `web-1`.
  var logName: String { service.isEmpty ? name : "\(service)-\(number)" }

  /// `(healthy)` and its like, without the brackets; empty where there is no check.
  var health: String {
    guard status.hasPrefix("Up"), let open = status.firstIndex(of: "(") else { return "" }
    let word = status[status.index(after: open)...].prefix { $0 != ")" }
    return word.hasPrefix("health: ") ? String(word.dropFirst(8)) : String(word)
  }

  /// From `Exited (3) …`; 0 where it has not ended.
  var exitCode: Int {
    guard status.hasPrefix("Exited ("), let code = Int(status.dropFirst(8).prefix { $0 != ")" }) else {
      return 0
    }
    return code
  }

  static func < (a: ListedContainer, b: ListedContainer) -> Bool {
    (a.service, a.number, a.name) < (b.service, b.number, b.name)
  }
}
