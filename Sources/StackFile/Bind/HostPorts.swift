internal import Stacks

extension Conflicts {
  /// A port of the host at one address can be published once in a stack.
  static func hostPorts(_ services: [Node.Pair], _ findings: inout Findings) {
    struct Claim {
      var service: String
      /// nil: every one, of both families.
      var address: String?
      var line: Int32
    }
    var claims: [String: [Claim]] = [:]
    for pair in services where (pair.value["scale"] ?? pair.value["deploy"]?["replicas"])?.int != 0 {
      for port in pair.value["ports"]?.items ?? [] {
        guard let published = port["published"], let text = published.string, text != "0" else { continue }
        let transport = port["protocol"]?.string ?? "tcp"
        // One IPv6 address has many spellings.
        let address = port["host_ip"]?.string.map { IPv6Address($0)?.description ?? $0 }
        let key = "\(text)/\(transport)"
        let earlier = claims[key]?.first {
          clash($0.address, address)
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

  /// Whether two addresses of the host have one in common.
  private static func clash(_ one: String?, _ two: String?) -> Bool {
    guard let one, let two else { return true }
    guard one.contains(":") == two.contains(":") else { return false }
    return one == two || ["0.0.0.0", "::"].contains(where: [one, two].contains)
  }

  /// A port of an IPv6 address leads to an IPv6 address.
  static func ipv6Ports(of pair: Node.Pair, _ root: Node, _ findings: inout Findings) {
    let networks = pair.value["networks"]?.pairs.compactMap { root["networks"]?[$0.key] } ?? []
    let hasIPv6 = networks.contains { $0["enable_ipv6"]?.bool == true || $0["external"]?.bool == true }
    for port in pair.value["ports"]?.items ?? [] {
      guard let host = port["host_ip"], let address = host.string.flatMap({ IPv6Address($0) }) else {
        continue
      }
      if address == .loopback {
        findings.error(
          host.at, "a port of ::1 cannot be led to a container: the kernel lets nothing with that source out",
          fix: "use 127.0.0.1")
        continue
      }
      if hasIPv6 { continue }
      findings.error(
        host.at, "the service \(quoted(pair.key)) has no network with IPv6 for \(quoted(host.string ?? ""))",
        fix: "give one of its networks 'enable_ipv6: true', or use an IPv4 address")
    }
  }

  private static func other(_ port: String) -> String {
    guard let number = Int(port) else { return "PORT" }
    return String(number < 65535 ? number + 1 : number - 1)
  }
}
