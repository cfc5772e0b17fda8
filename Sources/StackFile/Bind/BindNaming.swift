internal import Stacks

extension Binder {
  /// `domainname`, `extra_hosts` and `dns…`.
  mutating func naming(_ service: Node) -> Naming {
    Naming(
      domain: domain(service["domainname"]), hosts: hosts(service["extra_hosts"]),
      servers: (service["dns"]?.items ?? []).compactMap { address($0, "a name server", such: "9.9.9.9") },
      searchDomains: words(service["dns_search"]), options: words(service["dns_opt"]), links: links(service))
  }

  private mutating func domain(_ node: Node?) -> String? {
    guard let node, let name = node.string, !name.isEmpty else { return nil }
    let isRight =
      name.utf8.count <= 64 && name.first != "-"
      && name.utf8.allSatisfy { isAlphanumericByte($0) || ".-_".utf8.contains($0) }
    if !isRight {
      findings.error(
        node.at, "\(quoted(name)) cannot be a domain", fix: "use up to 64 letters, digits, '-' and '.'")
    }
    return name
  }

  private mutating func hosts(_ node: Node?) -> [HostEntry] {
    var hosts: [HostEntry] = []
    for item in node?.items ?? [] {
      let halves = (item.string ?? "").split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard halves.count == 2 else { continue }
      let entry = HostEntry(name: String(halves[0]), address: String(halves[1]))
      guard entry.address == HostEntry.hostGateway || isAddress(entry.address) else {
        findings.error(
          item.at, "\(quoted(entry.address)) is not an address",
          fix: "write an IPv4 or IPv6 address, or host-gateway")
        continue
      }
      guard entry.name.utf8.allSatisfy({ isAlphanumericByte($0) || ".-_".utf8.contains($0) }) else {
        findings.error(
          item.at, "\(quoted(entry.name)) cannot be the name of a host",
          fix: "use letters, digits, '-' and '.'")
        continue
      }
      hosts.append(entry)
    }
    return hosts
  }

  private func isAddress(_ text: String) -> Bool {
    IPv4Address(text) != nil || IPv6Address(text) != nil
  }

  /// Entries that become words of one line.
  private mutating func words(_ node: Node?) -> [String] {
    var words: [String] = []
    for item in node?.items ?? [] {
      guard let text = item.string, !text.isEmpty else { continue }
      if text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) {
        words.append(text)
      } else {
        findings.error(item.at, "\(quoted(text)) must be one word", fix: "make each an entry of its own")
      }
    }
    return words
  }
}
