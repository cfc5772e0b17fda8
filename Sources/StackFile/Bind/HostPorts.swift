extension Conflicts {
  /// A port of the host at one address can be published once in a stack.
  static func hostPorts(_ services: [Node.Pair], _ findings: inout Findings) {
    struct Claim {
      var service: String
      var address: String
      var line: Int32
    }
    var claims: [String: [Claim]] = [:]
    for pair in services where (pair.value["scale"] ?? pair.value["deploy"]?["replicas"])?.int != 0 {
      for port in pair.value["ports"]?.items ?? [] {
        guard let published = port["published"], let text = published.string, text != "0" else { continue }
        let transport = port["protocol"]?.string ?? "tcp"
        let written = port["host_ip"]?.string ?? "0.0.0.0"
        let address = written == "::" ? "0.0.0.0" : written
        let key = "\(text)/\(transport)"
        let earlier = claims[key]?.first {
          $0.address == address || $0.address == "0.0.0.0" || address == "0.0.0.0"
        }
        if let earlier {
          let owner = earlier.service == pair.key ? "this service" : "the service \(quoted(earlier.service))"
          findings.error(
            published.at, "port \(key) of the host is already published by \(owner) in line \(earlier.line)",
            fix: "choose another port of the host, such as \"\(other(text)):\(port["target"]?.int ?? 80)\"")
        }
        claims[key, default: []].append(Claim(service: pair.key, address: address, line: published.at.line))
      }
    }
  }

  private static func other(_ port: String) -> String {
    guard let number = Int(port) else { return "PORT" }
    return String(number < 65535 ? number + 1 : number - 1)
  }
}
