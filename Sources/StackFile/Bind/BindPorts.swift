internal import Stacks

extension Binder {
  mutating func ports(_ node: Node?) -> [PortMapping] {
    var mappings: [PortMapping] = []
    for item in node?.items ?? [] {
      guard let target = item["target"]?.int, let containerPort = UInt16(exactly: target) else { continue }
      var mapping = PortMapping(hostPort: 0, containerPort: containerPort)
      if item["protocol"]?.string == "udp" { mapping.transport = .udp }
      if let host = item["host_ip"] {
        if let six = host.string.flatMap({ IPv6Address($0) }) {
          mapping.hostAddress6 = six
        } else {
          guard let address = address(host, "a port of the host", such: "127.0.0.1") else { continue }
          mapping.hostAddress = address
        }
      }
      if let published = item["published"], let text = published.string {
        guard let range = PortText.range(text), let first = UInt16(exactly: range.lowerBound),
          let last = UInt16(exactly: range.upperBound)
        else {
          findings.error(
            published.at, "\(quoted(text)) is not a port of the host", fix: "write a number from 0 to 65535")
          continue
        }
        mapping.hostPort = first
        // Each replica has one of its own.
        if range.count > 1 { (mapping.firstHostPort, mapping.lastHostPort) = (first, last) }
      }
      mappings.append(mapping)
    }
    return mappings
  }
}
