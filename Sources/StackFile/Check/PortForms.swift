internal import Stacks

extension Forms {
  /// `ports`: numbers, short strings, or maps; in canonical form maps, one for each port.
  static let ports = Form(.list(.either([.object({ portTable }), .string, .integer]))) {
    node, place, check in
    guard case .list(let items) = node.content else {
      let fix = node.asWritten.map { "write [\"\(shortened($0))\"]" }
      return check.expected("a list", node, place, fix: fix)
    }
    var all: [Node] = []
    for item in items where item.mark != .reset { all += onePort(item, place.item, &check) }
    return Node(.list(all), at: node.at)
  }

  /// What makes two entries the same port: the host's address and port, the container's, the protocol.
  static let portIdentity = Merge.list { port in
    if let text = port.string { return text }
    let address = port["host_ip"]?.string ?? "0.0.0.0"
    let (published, target) = (port["published"]?.string ?? "", port["target"]?.asWritten ?? "")
    return "\(address):\(published):\(target)/\(port["protocol"]?.string ?? "tcp")"
  }

  private static func onePort(_ node: Node, _ place: Place, _ check: inout Check) -> [Node] {
    if case .map = node.content { return longPort(node, place, &check).map { [$0] } ?? [] }
    guard let text = node.string ?? node.int.map(String.init) else {
      let hint = "write such as \"8080:80\", \"127.0.0.1:53:53/udp\" or a map with 'target'"
      _ = check.expected("a port", node, place, fix: hint)
      return []
    }
    if check.keepsVariables, text.has("$") { return [node] }
    do throws(PortText.Fault) {
      // In the order of Docker Compose, which sorts the ports of a range as texts.
      let ports = try PortText.parse(text).sorted { "\($0.target)/" < "\($1.target)/" }
      return ports.map { port in
        var pairs = [Node.Pair("mode", Node("ingress", at: node.at))]
        if let host = port.hostAddress { pairs.append(Node.Pair("host_ip", Node(host, at: node.at))) }
        pairs.append(Node.Pair("target", Node(.scalar(.int(Int64(port.target))), at: node.at)))
        if let published = port.published {
          pairs.append(Node.Pair("published", Node(published, at: node.at)))
        }
        pairs.append(Node.Pair("protocol", Node(port.transport, at: node.at)))
        return Node(.map(pairs), at: node.at)
      }
    } catch {
      check.error(node.at, "\(quoted(text)) is not a port: \(error.reason)", fix: error.fix)
      return []
    }
  }

  private static func longPort(_ node: Node, _ place: Place, _ check: inout Check) -> Node? {
    guard var map = portTable.check(node, place, &check) else { return nil }
    guard map["target"] != nil else {
      if node["target"] == nil {
        check.error(
          node.at, "\(place.description) lacks the port in the container", fix: "add 'target: PORT'")
      }
      return nil
    }
    for (key, value) in [("mode", "ingress"), ("protocol", "tcp")] where map[key] == nil {
      map.content = .map(map.pairs + [Node.Pair(key, Node(value, at: node.at))])
    }
    return map
  }

  static let portTable = Table(
    name: "a port",
    rows: [
      "target": Attribute(integer(1, 65535), .works),
      "published": Attribute(published, .works),
      "host_ip": Attribute(hostAddress, .works),
      "protocol": Attribute(text, .only(["tcp", "udp"])),
      "mode": Attribute(text, .only(["ingress", "host"])),
      "app_protocol": Attribute(text, .works),
      "name": Attribute(text, .works),
    ])

  private static let hostAddress = Form(.string) { node, place, check in
    guard let address = text(node, place, &check)?.string else { return nil }
    guard PortText.isAddress(address) else {
      check.error(node.at, "\(quoted(address)) is not an address of the host", fix: "write such as 127.0.0.1")
      return nil
    }
    return node
  }

  /// Whether it is a port of the host is for the binding to say: Docker Compose takes any text.
  private static let published = Form(.either([.string, .integer])) { node, place, check in
    guard let text = node.string ?? node.int.map(String.init) else {
      return check.expected("a port", node, place)
    }
    return Node(text, at: node.at)
  }

  /// An entry of `expose`, which only informs.
  static let exposed = Form(.either([.string, .number])) { node, place, check in
    guard let text = node.string ?? node.int.map(String.init) else {
      return check.expected("a port", node, place, fix: "write such as \"8080\" or \"53/udp\"")
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let isRight = parts.count <= 2 && PortText.range(String(parts.first ?? "")) != nil
    guard isRight, parts.count == 1 || PortText.transports.contains(parts[1].lowercased()) else {
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

  static let transports = ["tcp", "udp", "sctp"]

  /// One for each port of a range.
  static func parse(_ text: String) throws(Fault) -> [PortText] {
    let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let transport = halves.count > 1 ? halves[1].lowercased() : "tcp"
    guard transports.contains(transport) else {
      throw Fault(reason: "there is no protocol \(quoted(transport))", fix: "use 'tcp' or 'udp'")
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
    if let written = address, !isAddress(written) {
      throw Fault(reason: "\(quoted(written)) is not an address of the host", fix: "write such as 127.0.0.1")
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

  /// Whether it is an IPv4 or IPv6 address.
  static func isAddress(_ text: String) -> Bool {
    if IPv4Address(text) != nil { return true }
    let halves = text.components(around: "::")
    guard text.contains(":"), halves.count <= 2 else { return false }
    var groups = 0
    for half in halves where !half.isEmpty {
      let parts = half.split(separator: ":", omittingEmptySubsequences: false)
      for (i, part) in parts.enumerated() {
        if i == parts.count - 1, part.contains(".") {
          guard IPv4Address(String(part)) != nil else { return false }
          groups += 2
        } else {
          guard (1...4).contains(part.count), part.allSatisfy(\.isHexDigit) else { return false }
          groups += 1
        }
      }
    }
    return halves.count == 2 ? groups < 8 : groups == 8
  }
}

extension String {
  /// The texts before, between and after what separates them.
  fileprivate func components(around separator: String) -> [Substring] {
    var parts: [Substring] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(rest[..<range.lowerBound])
      rest = rest[range.upperBound...]
    }
    return parts + [rest]
  }
}
