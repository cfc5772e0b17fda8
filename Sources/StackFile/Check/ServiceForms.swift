extension Forms {
  /// `depends_on`: a list of services, or a map with conditions; in canonical form a map.
  static let dependsOn: Form = { node, place, check in
    if case .list(let items) = node.content {
      var pairs: [Node.Pair] = []
      for item in items {
        guard let name = text(item, place.item, &check)?.string else { continue }
        guard !pairs.contains(where: { $0.key == name }) else {
          check.error(item.at, "\(quoted(name)) stands twice in \(place.description)", fix: "remove one")
          continue
        }
        let entry = [
          Node.Pair("condition", Node("service_started", at: item.at)),
          Node.Pair("required", Node(.scalar(.bool(true)), at: item.at)),
        ]
        pairs.append(Node.Pair(name, Node(.map(entry), at: item.at)))
      }
      return pairs.isEmpty ? nil : Node(.map(pairs.sorted { $0.key < $1.key }), at: node.at)
    }
    guard case .map = node.content else {
      let fix = node.string.map { "write [\(shortened($0))]" }
      return check.expected("a list of services, or a map with conditions", node, place, fix: fix)
    }
    return map(of: { entry, inner, check in
      guard let checked = dependencyTable.check(entry, inner, &check) else { return nil }
      guard checked["condition"] != nil else {
        if entry["condition"] == nil {
          check.error(
            entry.at, "the dependency \(quoted(inner.key)) lacks 'condition'",
            fix: "add 'condition: service_started'")
        }
        return nil
      }
      let required =
        entry["required"] == nil ? [Node.Pair("required", Node(.scalar(.bool(true)), at: entry.at))] : []
      return Node(.map((checked.pairs + required).sorted { $0.key < $1.key }), at: entry.at)
    })(node, place, &check)
  }

  private static let dependencyTable = Table(
    name: "a dependency",
    rows: [
      "condition": .form(
        word(["service_started", "service_healthy", "service_completed_successfully"])),
      "restart": .form(flag(keepsFalse: false)),
      "required": .form(flag(keepsFalse: true)),
    ])

  /// `networks` of a service: a list of names, or a map; in canonical form a map.
  static let serviceNetworks: Form = { node, place, check in
    if case .list(let items) = node.content {
      var pairs: [Node.Pair] = []
      for item in items {
        guard let name = text(item, place.item, &check)?.string else { continue }
        guard !pairs.contains(where: { $0.key == name }) else {
          check.error(item.at, "\(quoted(name)) stands twice in \(place.description)", fix: "remove one")
          continue
        }
        pairs.append(Node.Pair(name, Node(.scalar(.null), at: item.at)))
      }
      return pairs.isEmpty ? nil : Node(.map(pairs.sorted { $0.key < $1.key }), at: node.at)
    }
    guard case .map = node.content else {
      let fix = node.string.map { "write [\(shortened($0))]" }
      return check.expected("a list of networks, or a map", node, place, fix: fix)
    }
    return map(of: { entry, inner, check in
      entry.isNull ? entry : attachmentTable.check(entry, inner, &check)
    })(node, place, &check)
  }

  private static let attachmentTable = Table(
    name: "a service's network",
    rows: [
      "aliases": .form(list(of: filledText)),
      "ipv4_address": .form(optionalText),
      "ipv6_address": .refused, "link_local_ips": .refused, "mac_address": .refused,
      "interface_name": .refused, "driver_opts": .refused, "priority": .refused,
      "gw_priority": .refused,
    ])

  /// `env_file`: a path, or a list of paths or maps; in canonical form a list of maps.
  static let envFile: Form = { node, place, check in
    if node.string != nil { return envFile(Node(.list([node]), at: node.at), place, &check) }
    guard case .list(let items) = node.content else {
      return check.expected("a path, or a list of paths", node, place)
    }
    var files: [Node] = []
    for item in items {
      if item.string != nil {
        guard filledText(item, place.item, &check) != nil else { continue }
        files.append(Node(.map([Node.Pair("path", item)]), at: item.at))
      } else if let map = envFileTable.check(item, place.item, &check) {
        if map["path"] != nil {
          files.append(map)
        } else if item["path"] == nil {
          check.error(item.at, "\(place.item.description) lacks 'path'", fix: "add 'path: FILE'")
        }
      }
    }
    return Node(.list(files), at: node.at)
  }

  private static let envFileTable = Table(
    name: "an env file",
    rows: [
      "path": .form(filledText),
      "required": .form(flag(keepsFalse: true)),
      "format": .form(word(["raw"])),
    ])

  /// `ulimits`: a number, or soft and hard; -1 is unlimited.
  static let ulimits: Form = { node, place, check in
    map(of: { entry, inner, check in
      let known = [
        "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile",
        "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
      ]
      guard known.contains(inner.key) else {
        let near = nearest(to: inner.key, among: known).map { "did you mean '\($0)'?" }
        check.error(
          entry.at, "there is no ulimit \(quoted(inner.key))", fix: near ?? "use \(alternatives(known))")
        return nil
      }
      guard case .map = entry.content else { return integer(atLeast: -1)(entry, inner, &check) }
      guard let limits = ulimitTable.check(entry, inner, &check) else { return nil }
      for key in ["soft", "hard"] where entry[key] == nil {
        check.error(entry.at, "the ulimit '\(inner.key)' lacks '\(key)'", fix: "give both 'soft' and 'hard'")
      }
      if let soft = limits["soft"]?.int, let hard = limits["hard"]?.int,
        UInt64(bitPattern: soft) > UInt64(bitPattern: hard)
      {
        check.error(
          entry.at, "the soft limit of '\(inner.key)' is above the hard one",
          fix: "lower 'soft' or raise 'hard'")
      }
      return limits
    })(node, place, &check)
  }

  private static let ulimitTable = Table(
    name: "a ulimit",
    rows: ["soft": .form(integer(atLeast: -1)), "hard": .form(integer(atLeast: -1))])

  /// `restart`: `no`, `always`, `unless-stopped`, `on-failure[:N]`.
  static let restart: Form = { node, place, check in
    if node.bool == false {
      return check.expected("a string", node, place, fix: "write \"no\"")
    }
    guard let text = text(node, place, &check)?.string else { return nil }
    if text.isEmpty { return nil }
    if text.hasPrefix("on-failure:") {
      guard Int(text.dropFirst(11)).map({ $0 >= 0 }) == true else {
        check.error(node.at, "\(quoted(text)) does not end with a number", fix: "write such as on-failure:3")
        return nil
      }
      return node
    }
    return word(["no", "always", "unless-stopped", "on-failure"])(node, place, &check)
  }

  /// `container_name`: what a container may be called.
  static let containerName: Form = { node, place, check in
    guard let name = text(node, place, &check)?.string else { return nil }
    let rest = name.utf8.dropFirst()
    guard let first = name.utf8.first, isAlphanumericByte(first), !rest.isEmpty,
      rest.allSatisfy({ isAlphanumericByte($0) || "_.-".utf8.contains($0) })
    else {
      check.error(
        node.at, "\(quoted(name)) cannot be the name of a container",
        fix: "use at least two letters, digits, '_', '.' or '-', beginning with a letter or digit")
      return nil
    }
    return node
  }

  /// An entry of `profiles`.
  static let profile: Form = { node, place, check in
    guard let name = text(node, place, &check)?.string else { return nil }
    guard let first = name.utf8.first, isAlphanumericByte(first),
      name.utf8.allSatisfy({ isAlphanumericByte($0) || "_.-".utf8.contains($0) })
    else {
      check.error(
        node.at, "\(quoted(name)) cannot be the name of a profile",
        fix: "use letters, digits, '_', '.' and '-', beginning with a letter or digit")
      return nil
    }
    return node
  }

  /// `security_opt`: only `no-new-privileges`, alone or with true or false.
  static let securityOption: Form = { node, place, check in
    guard let option = text(node, place, &check)?.string else { return nil }
    let known = [
      "no-new-privileges", "no-new-privileges:true", "no-new-privileges:false",
      "no-new-privileges=true", "no-new-privileges=false",
    ]
    guard known.contains(option) else {
      let name = option.split(whereSeparator: { $0 == ":" || $0 == "=" }).first.map(String.init) ?? option
      if ["seccomp", "apparmor", "label", "systempaths", "writable-cgroups"].contains(name) {
        check.error(node.at, "the security option \(quoted(name)) is not supported yet", fix: "remove it")
      } else {
        check.error(node.at, "unknown security option \(quoted(option))", fix: "use 'no-new-privileges:true'")
      }
      return nil
    }
    return node
  }
}
