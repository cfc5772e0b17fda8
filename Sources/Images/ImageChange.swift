internal import FoundationEssentials
public import Stacks

/// One instruction of `docker import --change`, in the words of a Dockerfile.
public enum ImageChange: Hashable, Sendable {
  case command([String])
  case entrypoint([String])
  case environment([String])
  case workingDirectory(String)
  case user(String)
  case expose([String])
  case volume([String])
  case label([String: String])
  case stopSignal(String)
  case healthcheck(Healthcheck?)

  /// Reads `INSTRUCTION ARGUMENTS`; the instruction in any case.
  public init(_ text: String) throws(ImageError) {
    let line = text.trimmed
    let end = line.firstIndex { $0 == " " || $0 == "\t" } ?? line.endIndex
    let rest = line[end...].trimmed
    func refuse(_ why: String) -> ImageError {
      .invalid(ValueError(kind: "--change", text: text, reason: why))
    }
    if rest.isEmpty { throw refuse("write INSTRUCTION ARGUMENTS, such as CMD [\"sh\"]") }
    switch line[..<end].uppercased() {
    case "CMD": self = .command(try ImageChange.program(rest, refuse))
    case "ENTRYPOINT": self = .entrypoint(try ImageChange.program(rest, refuse))
    case "ENV":
      self = .environment(try ImageChange.pairs(rest, refuse).map { $0.0 + "=" + $0.1 })
    case "LABEL":
      self = .label(Dictionary(try ImageChange.pairs(rest, refuse)) { _, last in last })
    case "WORKDIR":
      guard rest.hasPrefix("/") else { throw refuse("WORKDIR must be an absolute path") }
      self = .workingDirectory(String(rest))
    case "USER":
      guard !rest.contains(where: \.isWhitespace) else { throw refuse("write USER[:GROUP]") }
      self = .user(String(rest))
    case "EXPOSE":
      var ports: [String] = []
      for word in rest.split(whereSeparator: \.isWhitespace) {
        ports.append(try ImageChange.port(word, refuse))
      }
      self = .expose(ports)
    case "VOLUME":
      let paths =
        rest.hasPrefix("[")
        ? try ImageChange.list(rest, refuse)
        : rest.split(whereSeparator: \.isWhitespace).map(String.init)
      guard paths.allSatisfy({ $0.hasPrefix("/") }) else { throw refuse("VOLUME must be absolute paths") }
      self = .volume(paths)
    case "STOPSIGNAL":
      let name = rest.uppercased()
      guard name.utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) || $0 == 43 || $0 == 45 })
      else { throw refuse("write a signal such as SIGQUIT") }
      self = .stopSignal(name.hasPrefix("SIG") || Int(name) != nil ? name : "SIG" + name)
    case "HEALTHCHECK": self = .healthcheck(try ImageChange.healthcheck(rest, refuse))
    default:
      throw refuse(
        "known are CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR")
    }
  }

  /// `["a", "b"]` as it stands; anything else is a line for `/bin/sh -c`.
  private static func program(_ text: Substring, _ refuse: (String) -> ImageError) throws(ImageError)
    -> [String]
  {
    text.hasPrefix("[") ? try list(text, refuse) : ["/bin/sh", "-c", String(text)]
  }

  private static func list(_ text: Substring, _ refuse: (String) -> ImageError) throws(ImageError)
    -> [String]
  {
    guard let words = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else {
      throw refuse("what begins with '[' must be a JSON array of strings")
    }
    return words
  }

  private static func port(_ text: Substring, _ refuse: (String) -> ImageError) throws(ImageError)
    -> String
  {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let number = UInt16(parts[0]), number > 0 else {
      throw refuse("write PORT or PORT/PROTOCOL")
    }
    let transport = parts.count == 2 ? parts[1].lowercased() : "tcp"
    guard ["tcp", "udp", "sctp"].contains(transport) else { throw refuse("the protocol is tcp, udp or sctp") }
    return "\(number)/\(transport)"
  }

  /// `A=1 B="x y"`, or the old form `A x y`.
  private static func pairs(_ text: Substring, _ refuse: (String) -> ImageError) throws(ImageError)
    -> [(String, String)]
  {
    guard let words = shellWords(text) else { throw refuse("a quote is not closed") }
    if let first = words.first, !first.contains("="), words.count > 1 {
      return [(first, String(text.dropFirst(first.count).trimmed))]
    }
    var found: [(String, String)] = []
    for word in words {
      guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
        throw refuse("write NAME=VALUE")
      }
      found.append((String(word[..<equals]), String(word[word.index(after: equals)...])))
    }
    return found
  }

  private static func healthcheck(_ text: Substring, _ refuse: (String) -> ImageError)
    throws(ImageError) -> Healthcheck
  {
    var check = Healthcheck(test: nil)
    var rest = text
    while rest.hasPrefix("--") {
      let end = rest.firstIndex(where: \.isWhitespace) ?? rest.endIndex
      let option = rest[..<end].dropFirst(2).split(separator: "=", maxSplits: 1)
      guard option.count == 2 else { throw refuse("write --OPTION=VALUE") }
      switch option[0] {
      case "interval": check.interval = try duration(option[1], refuse)
      case "timeout": check.timeout = try duration(option[1], refuse)
      case "start-period": check.startPeriod = try duration(option[1], refuse)
      case "start-interval": check.startInterval = try duration(option[1], refuse)
      case "retries":
        guard let retries = Int(option[1]), retries > 0 else { throw refuse("retries is a number from 1") }
        check.retries = retries
      default:
        throw refuse("options are interval, timeout, start-period, start-interval and retries")
      }
      rest = rest[end...].trimmed
    }
    if rest.uppercased() == "NONE" {
      check.isDisabled = true
      return check
    }
    guard rest.uppercased().hasPrefix("CMD") else {
      throw refuse("write HEALTHCHECK [OPTIONS] CMD … or NONE")
    }
    rest = rest.dropFirst(3).trimmed
    guard !rest.isEmpty else { throw refuse("CMD needs a command") }
    check.test = rest.hasPrefix("[") ? .exec(try list(rest, refuse)) : .shell(String(rest))
    return check
  }

  private static func duration(_ text: Substring, _ refuse: (String) -> ImageError) throws(ImageError)
    -> Span
  {
    guard let span = goDuration(text) else { throw refuse("\(text) is not a duration such as 1m30s") }
    return span
  }
}

extension ImageDefaults {
  /// Carries out one instruction as a build would: lists of names grow, the rest is replaced.
  public mutating func apply(_ change: ImageChange) throws(ImageError) {
    switch change {
    case .command(let words): command = words
    case .entrypoint(let words): entrypoint = words
    case .environment(let pairs):
      for pair in pairs {
        let prefix = pair.prefix { $0 != "=" } + "="
        if let old = environment.firstIndex(where: { $0.hasPrefix(prefix) }) {
          environment[old] = pair
        } else {
          environment.append(pair)
        }
      }
    case .workingDirectory(let path): workingDirectory = path
    case .user(let name): user = name
    case .expose(let ports): exposedPorts = Set(exposedPorts).union(ports).sorted()
    case .volume(let paths): volumes = Set(volumes).union(paths).sorted()
    case .label(let pairs): labels.merge(pairs) { _, new in new }
    case .stopSignal(let name): stopSignal = name
    case .healthcheck(let check): healthcheck = check
    }
  }
}
