extension Forms {
  /// `depends_on`: a list of services, or a map with conditions; in canonical form a map.
  static let dependsOn = named("services", or: "a map with conditions", of: object({ dependencyTable })) {
    dependency(at: $0, restart: false)
  }

  /// What a service that is only named is waited for.
  static func dependency(at: Position, restart: Bool) -> Node {
    var pairs = [
      Node.Pair("condition", Node("service_started", at: at)),
      Node.Pair("required", Node(.scalar(.bool(true)), at: at)),
    ]
    if restart { pairs.insert(Node.Pair("restart", Node(.scalar(.bool(true)), at: at)), at: 1) }
    return Node(.map(pairs), at: at)
  }

  static let dependencyTable = Table(
    name: "a dependency",
    rows: [
      "condition": Attribute(
        word("service_started", "service_healthy", "service_completed_successfully"), .works),
      "restart": Attribute(flag, .works),
      "required": Attribute(flag, .works, dropsZero: false),
    ], required: ["condition": "add 'condition: service_started'"], complete: Complete.dependency)

  static let attachmentTable = Table(
    name: "a service's network",
    rows: [
      "aliases": Attribute(list(of: filledText), .works, merge: .names),
      "ipv4_address": Attribute(text, .works),
      "ipv6_address": Attribute(text, .works),
      "link_local_ips": Attribute(
        list(of: text), .refused("use 'ipv4_address' or 'ipv6_address'"), merge: .names),
      "mac_address": Attribute(text, .works),
      "interface_name": Attribute(text, .works),
      "driver_opts": Attribute(
        options, .refused("use 'sysctls' of the service, or 'driver_opts' of the network")),
      "priority": Attribute(integer(.min), .works),
      "gw_priority": Attribute(integer(.min), .works),
    ])

  /// `env_file`: a path, or a list of paths or maps; in canonical form a list of maps.
  static let envFile = Form(
    .either([.list(.either([.object({ envFileTable }), .string])), .string])
  ) { node, place, check in
    let entries: [Node]
    if case .list(let items) = node.content {
      entries = items
    } else if node.string != nil {
      entries = [node]
    } else {
      return check.expected("a path, or a list of paths", node, place)
    }
    var files: [Node] = []
    for item in entries where item.mark != .reset {
      if item.string != nil {
        guard let path = path(item, place.item, &check) else { continue }
        files.append(Node(.map([Node.Pair("path", path)]), at: item.at))
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

  static let envFileTable = Table(
    name: "an env file",
    rows: [
      "path": Attribute(path, .works),
      // Only false differs from the default: see `Complete`.
      "required": Attribute(flag, .works, dropsZero: false),
      "format": Attribute(word("raw"), .works),
    ], complete: Complete.dropTrue("required"))

  /// `ulimits`: a number, or soft and hard; -1 is unlimited.
  static let ulimits: Form = {
    let entry = Form(.either([.integer, .object({ ulimitTable })])) { entry, inner, check in
      guard case .map = entry.content else {
        let limit = integer(-1)(entry, inner, &check)
        guard let limit, limit.int == 0 else { return limit }
        // The form that Docker Compose gives a limit of nothing.
        return Node(.map([Node.Pair("hard", limit), Node.Pair("soft", limit)]), at: entry.at)
      }
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
    }
    return map(of: entry)
  }()

  static let ulimitTable = Table(
    name: "a ulimit",
    rows: [
      "soft": Attribute(integer(-1), .works, dropsZero: false),
      "hard": Attribute(integer(-1), .works, dropsZero: false),
    ])

  /// `restart`: `no`, `always`, `unless-stopped`, `on-failure[:N]`.
  static let restart = Form(.string) { node, place, check in
    if node.bool == false { return check.expected("a string", node, place, fix: "write \"no\"") }
    guard let text = text(node, place, &check)?.string else { return nil }
    if text.isEmpty { return node }
    if text.hasPrefix("on-failure:") {
      guard Int(text.dropFirst(11)).map({ $0 >= 0 }) == true else {
        check.error(node.at, "\(quoted(text)) does not end with a number", fix: "write such as on-failure:3")
        return nil
      }
      return node
    }
    return word("no", "always", "unless-stopped", "on-failure")(node, place, &check)
  }

  /// `container_name`: what a container may be called.
  static let containerName = Form(.string) { node, place, check in
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
  static let profile = Form(.string) { node, place, check in
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

  /// `pull_policy`: a word, or `every_` and a length of time.
  static let pullPolicy = Form(.string) { node, place, check in
    guard let text = text(node, place, &check)?.string else { return nil }
    if text.hasPrefix("every_"), Durations.parse(String(text.dropFirst(6))) != nil { return node }
    return word("always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly")(
      node, place, &check)
  }

  /// `pull_refresh_after`: a length of time, which stays as it is written.
  static let refreshTime = Form(.string) { node, place, check in
    duration(node, place, &check).map { _ in node }
  }

  /// `extends`: the name of a service, or a map; in canonical form a map.
  static let extends = Form(.either([.object({ extendsTable }), .string])) { node, place, check in
    guard node.string != nil else {
      guard case .map = node.content else {
        return check.expected("the name of a service, or a map with 'service'", node, place)
      }
      guard let map = extendsTable.check(node, place, &check) else { return nil }
      if map["service"] == nil {
        check.error(node.at, "'extends' lacks 'service'", fix: "add 'service: NAME'")
        return nil
      }
      return map
    }
    guard let name = filledText(node, place, &check) else { return nil }
    return Node(.map([Node.Pair("service", name)]), at: node.at)
  }

  static let extendsTable = Table(
    name: "'extends'",
    rows: ["service": Attribute(filledText, .works), "file": Attribute(filledText, .works)],
    required: ["service": "add 'service: NAME'"])
}
