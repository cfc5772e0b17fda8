internal import Stacks

extension Binder {
  /// `network_mode`, `ipc`, `pid`, `uts`, `cgroup` and `userns_mode`.
  mutating func sharing(_ service: Node) -> Sharing {
    var sharing = Sharing()
    if let node = service["network_mode"], node.string != "none" {
      if let source = source(node, "network_mode") {
        sharing.network = source
      } else {
        findings.error(
          node.at, "there is no network mode \(quoted(node.string ?? ""))",
          fix: "write none, host, service:NAME or container:NAME, or use 'networks'")
      }
    }
    if let node = service["ipc"], !["private", "shareable", ""].contains(node.string) {
      sharing.ipc = other(node, "ipc", "private, shareable, ")
    }
    if let node = service["pid"], node.string?.isEmpty == false { sharing.processes = other(node, "pid", "") }
    if let node = service["uts"], node.string?.isEmpty == false { sharing.hostName = other(node, "uts", "") }
    if service["cgroup"]?.string == "host" { sharing.cgroup = .host }
    if let node = service["userns_mode"], !["host", ""].contains(node.string) {
      findings.error(
        node.at, "there is no user namespace \(quoted(node.string ?? ""))",
        fix: "write 'host', which every container has, or remove it")
    }
    reportLost(service, sharing)
    return sharing
  }

  /// nil: it is nothing that can be shared.
  private mutating func source(_ node: Node, _ key: String) -> Sharing.Source? {
    let text = node.string ?? ""
    if text == "host" { return .host }
    for (prefix, make) in [
      ("service:", Sharing.Source.service), ("container:", Sharing.Source.container),
    ] where text.hasPrefix(prefix) && text.utf8.count > prefix.utf8.count {
      let name = String(text.dropFirst(prefix.count))
      if prefix == "service:", name == self.service {
        findings.error(node.at, "a service cannot share '\(key)' with itself", fix: "name another service")
      }
      return make(name)
    }
    return nil
  }

  private mutating func other(_ node: Node, _ key: String, _ words: String) -> Sharing.Source {
    if let source = source(node, key) { return source }
    findings.error(
      node.at, "\(quoted(node.string ?? "")) is not supported for '\(key)'",
      fix: "write \(words)host, service:NAME or container:NAME")
    return .own
  }

  /// What would be lost because it belongs to the namespace of another.
  private mutating func reportLost(_ service: Node, _ sharing: Sharing) {
    var lost: [(key: String, with: String)] = []
    if sharing.network != .own {
      lost += ["ports", "expose", "mac_address"].map { ($0, "network_mode: \(sharing.network)") }
    }
    if sharing.hostName != .own {
      lost += ["hostname", "domainname"].map { ($0, "uts: \(sharing.hostName)") }
    }
    if sharing.ipc != .own { lost.append(("shm_size", "ipc: \(sharing.ipc)")) }
    for (key, mode) in lost {
      guard let pair = service.pair(key), !pair.value.isNull, key != "expose" else { continue }
      if case .list(let items) = pair.value.content, items.isEmpty { continue }
      findings.error(pair.keyAt, "'\(key)' has no meaning with '\(mode)'", fix: "remove one of the two")
    }
    for pair in service["sysctls"]?.pairs ?? [] {
      let isOfNetwork = Sysctl.isOfNetwork(pair.key)
      guard isOfNetwork ? sharing.network != .own : sharing.ipc != .own else { continue }
      findings.error(
        pair.keyAt, "the sysctl \(quoted(pair.key)) is not the container's own",
        fix: "remove it, or '\(isOfNetwork ? "network_mode" : "ipc")'")
    }
  }

  /// `links` and `external_links`: by the name that only this container uses. One without a name of its own
  /// says nothing that the networks do not.
  mutating func links(_ service: Node) -> [String: String] {
    var links: [String: String] = [:]
    for item in (service["links"]?.items ?? []) + (service["external_links"]?.items ?? []) {
      let parts = (item.string ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else {
        findings.error(
          item.at, "\(quoted(item.string ?? "")) is not a link", fix: "write SERVICE or SERVICE:NAME")
        continue
      }
      if parts.count == 2, parts[0] != parts[1] { links[parts[1]] = parts[0] }
    }
    return links
  }

  /// A hardware address in its usual form; nil where it is none, which is reported.
  mutating func hardwareAddress(_ node: Node?) -> String? {
    guard let node, let text = node.string, !text.isEmpty else { return nil }
    let parts = text.lowercased().split(
      separator: text.contains("-") ? "-" : ":", omittingEmptySubsequences: false)
    guard parts.count == 6, parts.allSatisfy({ $0.utf8.count == 2 && UInt8($0, radix: 16) != nil }) else {
      findings.error(
        node.at, "\(quoted(text)) is not a hardware address", fix: "write such as 02:42:ac:11:00:02")
      return nil
    }
    if let first = UInt8(parts[0], radix: 16), first & 1 == 1 {
      findings.error(
        node.at, "\(quoted(text)) is a hardware address of a group", fix: "make the first pair even")
    }
    return parts.joined(separator: ":")
  }

  /// The name of a link in the container; nil where it cannot be one, which is reported.
  mutating func interfaceName(_ node: Node?) -> String? {
    guard let node, let name = node.string, !name.isEmpty else { return nil }
    let isRight =
      name.utf8.count <= 15 && ![".", "..", "lo"].contains(name)
      && name.utf8.allSatisfy { isAlphanumericByte($0) || ".-_".utf8.contains($0) }
    if !isRight {
      findings.error(
        node.at, "\(quoted(name)) cannot be the name of an interface",
        fix: "use up to 15 letters, digits, '.', '_' and '-'")
    }
    return name
  }
}
