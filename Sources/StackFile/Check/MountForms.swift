/// Forms with a short text that stands for a map: devices, configs, secrets, GPUs, hosts.
extension Forms {
  /// `devices`: `SOURCE[:TARGET[:RIGHTS]]` or a map; in canonical form a map.
  static let devices = list(
    of: Form(.either([.object({ deviceTable }), .string])) { node, place, check in
      if case .map = node.content {
        guard let map = deviceTable.check(node, place, &check) else { return nil }
        for key in ["source", "target"] where node[key] == nil {
          check.error(node.at, "\(place.description) lacks '\(key)'", fix: "add '\(key): /dev/NAME'")
        }
        return map
      }
      guard let text = text(node, place, &check)?.string else { return nil }
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard (1...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else {
        check.error(
          node.at, "\(quoted(text)) is not a device", fix: "write such as /dev/snd or /dev/sda:/dev/xvda:r")
        return nil
      }
      return Node(
        .map([
          Node.Pair("source", Node(parts[0], at: node.at)),
          Node.Pair("target", Node(parts[parts.count == 1 ? 0 : 1], at: node.at)),
          Node.Pair("permissions", Node(parts.count == 3 ? parts[2] : "rwm", at: node.at)),
        ]), at: node.at)
    })

  static let deviceTable = Table(
    name: "a device",
    rows: [
      "source": Attribute(filledText, .works), "target": Attribute(filledText, .works),
      "permissions": Attribute(text, .works),
    ])

  /// `configs` and `secrets` of a service: a name, or a map; in canonical form a map.
  static let fileReferences = list(
    of: Form(.either([.object({ fileTable }), .string])) { node, place, check in
      if case .map = node.content { return fileTable.check(node, place, &check) }
      guard let name = filledText(node, place, &check) else { return nil }
      return Node(.map([Node.Pair("source", name)]), at: node.at)
    })

  static let fileTable = Table(
    name: "an entry of 'configs' or 'secrets'",
    rows: [
      "source": Attribute(filledText, .works), "target": Attribute(filledText, .works),
      "uid": Attribute(text, .works), "gid": Attribute(text, .works),
      "mode": Attribute(fileMode, .works),
    ])

  /// The identity of an entry of `configs` or `secrets`: where it is put.
  static func mountIdentity(in directory: String) -> Merge {
    .list { $0["target"]?.string ?? directory + "/" + ($0["source"]?.string ?? "") }
  }

  /// `gpus`: `all`, or a list of requests.
  static let gpus: Form = {
    let requests = list(of: object({ deviceRequestTable(isGPU: true) }))
    return Form(.either([requests.shape, .words(["all"])])) { node, place, check in
      guard node.string != nil else { return requests(node, place, &check) }
      guard word("all")(node, place, &check) != nil else { return nil }
      let count = Node.Pair("count", Node(.scalar(.int(-1)), at: node.at))
      return Node(.list([Node(.map([count]), at: node.at)]), at: node.at)
    }
  }()

  static func deviceRequestTable(isGPU: Bool) -> Table {
    Table(
      name: "a request for devices",
      rows: [
        "capabilities": Attribute(list(of: text), .works),
        "count": Attribute(deviceCount, .works, dropsZero: false),
        "device_ids": Attribute(list(of: text), .works),
        "driver": Attribute(text, .works),
        "options": Attribute(pairs(nullIsEmpty: true), .works),
      ], required: isGPU ? [:] : ["capabilities": "add such as 'capabilities: [gpu]'"],
      complete: Complete.deviceRequest)
  }

  /// A number of devices; `all` is -1.
  private static let deviceCount = Form(.either([.integer, .string])) { node, place, check in
    if node.string?.lowercased() == "all" { return Node(.scalar(.int(-1)), at: node.at) }
    guard let count = node.int ?? node.string.flatMap({ Int64($0) }) else {
      return check.expected("a number or 'all'", node, place)
    }
    return Node(.scalar(.int(count)), at: node.at)
  }

  /// `extra_hosts`: a list of `HOST=IP` or `HOST:IP`, or a map; in canonical form a sorted list of `HOST=IP`.
  static let extraHosts = Form(
    .either([.list(.string), .map(.either([.string, .list(.string)]))])
  ) { node, place, check in
    var lines: [Node] = []
    func add(_ host: String, _ address: String, at: Position) {
      guard !host.isEmpty, !host.contains(":"), !host.contains("=") else {
        check.error(at, "\(quoted(host)) is not a host name", fix: "write HOST=ADDRESS")
        return
      }
      let isBracketed = address.count > 2 && address.hasPrefix("[") && address.hasSuffix("]")
      let plain = isBracketed ? String(address.dropFirst().dropLast()) : address
      lines.append(Node("\(host)=\(plain)", at: at))
    }
    switch node.content {
    case .map(let pairs):
      for pair in pairs where pair.value.mark != .reset {
        let values = pair.value.items.isEmpty ? [pair.value] : pair.value.items
        for value in values {
          guard let address = value.string ?? (value.isNull ? "" : nil) else {
            _ = check.expected("an address", value, Place(key: pair.key))
            continue
          }
          add(pair.key, address, at: value.at)
        }
      }
    case .list(let items):
      for item in items where item.mark != .reset {
        guard let text = text(item, place.item, &check)?.string else { continue }
        let separator = text.contains("=") ? "=" : ":"
        let halves = text.split(
          separator: Character(separator), maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2 else {
          check.error(item.at, "\(quoted(text)) has no address", fix: "write HOST=ADDRESS")
          continue
        }
        for address in halves[1].split(separator: ",", omittingEmptySubsequences: false) {
          add(String(halves[0]), String(address), at: item.at)
        }
      }
    default: return check.expected("a list of HOST=ADDRESS, or a map", node, place)
    }
    return Node(.list(lines), at: node.at)
  }

  /// Hosts of both; one that stands in both counts once.
  static let hostsMerge = Merge.rule { earlier, later in
    let known = Set(earlier.items.compactMap(\.string))
    let added = later.items.filter { !known.contains($0.string ?? "") }
    return Node(.list(earlier.items + added), at: later.at)
  }
}
