import Wire

/// One container of a stack, as listings and logs name it: what they need of `DockerContainer`. To read the
/// whole of that takes longer than the engine takes to answer.
struct ListedContainer: Hashable, Comparable, Decodable {
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
  /// It was made by `run`.
  var isOneOff: Bool

  private enum CodingKeys: String, CodingKey {
    case id, names, image, command, created, state, status, ports, labels
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(String.self, forKey: .id)
    let names = try container.decode([String].self, forKey: .names)
    name = String((names.first ?? "").drop { $0 == "/" })
    let labels = try container.decode([String: String].self, forKey: .labels)
    service = labels["com.docker.compose.service"] ?? ""
    number = labels["com.docker.compose.container-number"].flatMap { Int($0) } ?? 0
    image = try container.decode(String.self, forKey: .image)
    command = try container.decode(String.self, forKey: .command)
    created = try container.decode(Int64.self, forKey: .created)
    state = try container.decode(String.self, forKey: .state)
    status = try container.decode(String.self, forKey: .status)
    ports = try container.decode([DockerPort].self, forKey: .ports)
    isOneOff = labels["com.docker.compose.oneoff"] == "True"
  }

  var isRunning: Bool { state == "running" }

  /// What is written before its output: `web-1`.
  var logName: String { service.isEmpty || isOneOff ? name : "\(service)-\(number)" }

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
