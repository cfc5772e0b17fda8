internal import Stacks

extension Binder {
  /// `networks` of a service, and its `mac_address`.
  mutating func attachments(_ service: Node) -> [String: NetworkAttachment] {
    var attachments: [String: NetworkAttachment] = [:]
    var names: [String: Position] = [:]
    for pair in service["networks"]?.pairs ?? [] {
      let node = pair.value
      var attachment = NetworkAttachment(aliases: strings(node["aliases"]))
      attachment.address = node["ipv4_address"].flatMap { address($0, "a container") }
      attachment.address6 = node["ipv6_address"].flatMap { address6($0, "a container") }
      attachment.hardwareAddress = hardwareAddress(node["mac_address"])
      attachment.interface = interfaceName(node["interface_name"])
      attachment.priority = Int(clamping: node["priority"]?.int ?? 0)
      attachment.gatewayPriority = Int(clamping: node["gw_priority"]?.int ?? 0)
      if let name = attachment.interface, let at = node["interface_name"]?.at {
        if let earlier = names.updateValue(at, forKey: name) {
          findings.error(
            at, "\(quoted(name)) is already an interface in line \(earlier.line)", fix: "choose another name")
        }
      }
      attachments[pair.key] = attachment
    }
    if let written = service["mac_address"], let own = hardwareAddress(written) {
      // The network that is `eth0`, which is the only one mostly.
      let first = attachments.sorted { ($1.value.priority, $0.key) < ($0.value.priority, $1.key) }.first
      if let (key, attachment) = first {
        if attachment.hardwareAddress ?? own != own {
          findings.error(
            written.at, "the network \(quoted(key)) gives another 'mac_address'", fix: "keep one of the two")
        }
        attachments[key]?.hardwareAddress = own
      }
    }
    return attachments
  }

  /// `volumes_from`: `SERVICE[:ro|rw]` or `container:NAME[:ro|rw]`.
  mutating func volumesFrom(_ node: Node?) -> [VolumesFrom] {
    var all: [VolumesFrom] = []
    for item in node?.items ?? [] {
      var parts = (item.string ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      let isContainer = parts.count > 1 && parts[0] == "container"
      if isContainer { parts.removeFirst() }
      guard (1...2).contains(parts.count), !parts[0].isEmpty,
        parts.count == 1 || ["ro", "rw"].contains(parts[1])
      else {
        findings.error(
          item.at, "\(quoted(item.string ?? "")) does not name volumes of another",
          fix: "write SERVICE, SERVICE:ro or container:NAME")
        continue
      }
      if !isContainer, parts[0] == service {
        findings.error(item.at, "a service has its own volumes anyhow", fix: "name another service")
      }
      all.append(
        VolumesFrom(
          source: isContainer ? .container(parts[0]) : .service(parts[0]),
          isReadOnly: parts.count == 2 && parts[1] == "ro"))
    }
    return all
  }

  /// `post_start` and `pre_stop`.
  mutating func hooks(_ node: Node?) -> [Hook] {
    (node?.items ?? []).compactMap { item in
      let command = strings(item["command"])
      guard !command.isEmpty else {
        findings.error(item.at, "a hook needs a command", fix: "add 'command: [PROGRAM, …]'")
        return nil
      }
      var environment: [String: String] = [:]
      for pair in item["environment"]?.pairs ?? [] {
        environment[pair.key] = pair.value.string ?? variables[pair.key]
      }
      return Hook(
        command: command, user: item["user"]?.string, isPrivileged: item["privileged"]?.bool ?? false,
        workingDirectory: item["working_dir"]?.string, environment: environment)
    }
  }

  mutating func platform(_ node: Node?) -> String? {
    guard let node, let text = node.string, !text.isEmpty else { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if !(1...3).contains(parts.count) || parts.contains("") {
      findings.error(node.at, "\(quoted(text)) is not a platform", fix: "write such as linux/amd64")
    }
    return text
  }
}
