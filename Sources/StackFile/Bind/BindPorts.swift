internal import Stacks

extension Binder {
  mutating func ports(_ node: Node?) -> [PortMapping] {
    var mappings: [PortMapping] = []
    for item in node?.items ?? [] {
      guard let target = item["target"]?.int, let containerPort = UInt16(exactly: target) else { continue }
      var mapping = PortMapping(hostPort: 0, containerPort: containerPort)
      if item["protocol"]?.string == "udp" { mapping.transport = .udp }
      if let host = item["host_ip"] {
        guard let address = address(host, "a port of the host", such: "127.0.0.1") else { continue }
        mapping.hostAddress = address
      }
      if let published = item["published"], let text = published.string {
        guard let range = PortText.range(text) else {
          findings.error(
            published.at, "\(quoted(text)) is not a port of the host", fix: "write a number from 0 to 65535")
          continue
        }
        guard range.count == 1, let port = UInt16(exactly: range.lowerBound) else {
          findings.error(
            published.at,
            "a range of host ports for one port of the container is not supported yet: \(quoted(text))",
            fix: "publish one port, or leave the host's port out to have a free one chosen")
          continue
        }
        mapping.hostPort = port
      }
      mappings.append(mapping)
    }
    return mappings
  }
}
