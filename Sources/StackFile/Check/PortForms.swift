extension Forms {
  /// `ports`: numbers, short strings, or maps; in canonical form maps, one for each port.
  static let ports: Form = { node, place, check in
    guard case .list(let items) = node.content else {
      let fix = node.asWritten.map { "write [\"\(shortened($0))\"]" }
      return check.expected("a list", node, place, fix: fix)
    }
    var all: [Node] = []
    var seen: Set<Node.Content> = []
    for item in items {
      for port in onePort(item, place.item, &check) where seen.insert(port.content).inserted {
        all.append(port)
      }
    }
    return all.isEmpty ? nil : Node(.list(all), at: node.at)
  }

  private static func onePort(_ node: Node, _ place: Place, _ check: inout Check) -> [Node] {
    if case .map = node.content {
      return longPort(node, place, &check).map { [$0] } ?? []
    }
    guard let text = node.string ?? node.int.map(String.init) else {
      let hint = "write such as \"8080:80\", \"127.0.0.1:53:53/udp\" or a map with 'target'"
      _ = check.expected("a port", node, place, fix: hint)
      return []
    }
    do throws(PortText.Fault) {
      return try PortText.parse(text).map { port in
        var pairs = [
          Node.Pair("mode", Node("ingress", at: node.at)),
          Node.Pair("protocol", Node(port.transport, at: node.at)),
          Node.Pair("target", Node(.scalar(.int(Int64(port.target))), at: node.at)),
        ]
        if let host = port.hostAddress { pairs.append(Node.Pair("host_ip", Node(host, at: node.at))) }
        if let published = port.published {
          pairs.append(Node.Pair("published", Node(published, at: node.at)))
        }
        return Node(.map(pairs.sorted { $0.key < $1.key }), at: node.at)
      }
    } catch {
      check.error(node.at, "\(quoted(text)) is not a port: \(error.reason)", fix: error.fix)
      return []
    }
  }

  private static func longPort(_ node: Node, _ place: Place, _ check: inout Check) -> Node? {
    guard let map = portTable.check(node, place, &check) else { return nil }
    guard map["target"] != nil else {
      if node["target"] == nil {
        check.error(
          node.at, "\(place.description) lacks the port in the container", fix: "add 'target: PORT'")
      }
      return nil
    }
    var pairs = map.pairs
    for (key, value) in [("mode", "ingress"), ("protocol", "tcp")] where map[key] == nil {
      pairs.append(Node.Pair(key, Node(value, at: node.at)))
    }
    return Node(.map(pairs.sorted { $0.key < $1.key }), at: map.at)
  }

  private static let portTable = Table(
    name: "a port",
    rows: [
      "target": .form(integer(atLeast: 1, atMost: 65535)),
      "published": .form(published),
      "host_ip": .form(text),
      "protocol": .form(word(["tcp", "udp"])),
      "mode": .form(word(["ingress", "host"])),
      "app_protocol": .form(text),
      "name": .form(text),
    ])

  private static let published: Form = { node, place, check in
    guard let text = node.string ?? node.int.map(String.init) else {
      return check.expected("a port", node, place)
    }
    if text.isEmpty { return nil }
    guard PortText.range(text) != nil else {
      check.error(node.at, "\(quoted(text)) is not a port of the host", fix: "write a number from 0 to 65535")
      return nil
    }
    return Node(text, at: node.at)
  }

  /// `expose`: informs only, so it is kept as it is written.
  static let exposed: Form = { node, place, check in
    guard let text = node.string ?? node.int.map(String.init) else {
      return check.expected("a port", node, place, fix: "write such as \"8080\" or \"53/udp\"")
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let isRight = parts.count <= 2 && PortText.range(String(parts.first ?? "")) != nil
    guard isRight, parts.count == 1 || ["tcp", "udp"].contains(parts[1].lowercased()) else {
      check.error(
        node.at, "\(quoted(text)) is not a port", fix: "write such as \"8080\", \"8080-8090\" or \"53/udp\"")
      return nil
    }
    return Node(text, at: node.at)
  }
}

/// The short form of a port: `[[IP:]HOST[-HOST]:]CONTAINER[-CONTAINER][/PROTOCOL]`.
struct PortText: Equatable {
  struct Fault: Error {
    var reason: String
    var fix: String?
  }
  /// As written, without brackets; nil where none is.
  var hostAddress: String?
  /// A number, or a range of which one is taken; nil where none is written.
  var published: String?
  var target: Int
  /// Lower case.
  var transport: String

  /// One for each port of a range.
  static func parse(_ text: String) throws(Fault) -> [PortText] {
    let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let transport = halves.count > 1 ? halves[1].lowercased() : "tcp"
    guard transport == "tcp" || transport == "udp" else {
      throw Fault(reason: "the protocol \(quoted(transport)) is not supported", fix: "use 'tcp' or 'udp'")
    }
    let whole = halves.first.map(String.init) ?? ""
    var parts = whole.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let container = parts.removeLast()
    let host = parts.popLast() ?? ""
    var address: String? = parts.isEmpty ? nil : parts.joined(separator: ":")
    if let written = address, written.hasPrefix("["), written.hasSuffix("]") {
      address = String(written.dropFirst().dropLast())
    }
    if address == "" { address = nil }
    if let written = address, written.contains(":"), !written.contains("::") {
      throw Fault(reason: "it has too many ':'", fix: "write HOST:CONTAINER or IP:HOST:CONTAINER")
    }
    guard !container.isEmpty else {
      throw Fault(
        reason: "the port in the container is missing", fix: "write HOST:CONTAINER, such as \"8080:80\"")
    }
    guard let targets = range(container), targets.lowerBound > 0 else {
      throw Fault(
        reason: "the port in the container must be from 1 to 65535, not \(quoted(container))",
        fix: "write HOST:CONTAINER, such as \"8080:80\"")
    }
    if host.isEmpty {
      return targets.map { PortText(hostAddress: address, published: nil, target: $0, transport: transport) }
    }
    guard let published = range(host) else {
      if host.contains(".") {
        throw Fault(
          reason: "between the address and the container's port the host's is missing",
          fix: "write IP:HOST:CONTAINER, such as \"\(host):\(container):\(container)\"")
      }
      throw Fault(reason: "the port on the host must be from 0 to 65535, not \(quoted(host))", fix: nil)
    }
    if targets.count == 1 {
      let shown =
        published.count == 1 ? "\(published.lowerBound)" : "\(published.lowerBound)-\(published.upperBound)"
      return [
        PortText(hostAddress: address, published: shown, target: targets.lowerBound, transport: transport)
      ]
    }
    guard published.count == targets.count else {
      throw Fault(
        reason: "the ranges \(host) and \(container) are not equally long",
        fix: "give both the same number of ports")
    }
    return zip(published, targets).map {
      PortText(hostAddress: address, published: "\($0)", target: $1, transport: transport)
    }
  }

  /// `N` or `N-M`, from 0 to 65535; nil for anything else.
  static func range(_ text: String) -> ClosedRange<Int>? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard (1...2).contains(ends.count), ends.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }),
      let first = UInt16(ends[0]), let last = UInt16(ends[ends.count - 1]), first <= last
    else { return nil }
    return Int(first)...Int(last)
  }
}
