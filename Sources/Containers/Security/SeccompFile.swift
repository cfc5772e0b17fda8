internal import FoundationEssentials
internal import Kernel

/// A seccomp profile in Docker's format, as `security_opt: seccomp=FILE` names it.
private struct SeccompFile: Decodable {
  struct Architectures: Decodable {
    var architecture: String
    var subArchitectures: [String]?
  }
  struct Condition: Decodable {
    var index: UInt32
    var value: UInt64
    var valueTwo: UInt64?
    var op: String
  }
  struct Circumstances: Decodable {
    var caps: [String]?
    var arches: [String]?
    var minKernel: String?
  }
  struct Group: Decodable {
    /// Before `names` there was this.
    var name: String?
    var names: [String]?
    var action: String
    var errnoRet: UInt16?
    var args: [Condition]?
    var includes: Circumstances?
    var excludes: Circumstances?
  }
  var defaultAction: String
  var defaultErrnoRet: UInt16?
  var archMap: [Architectures]?
  var architectures: [String]?
  var flags: [String]?
  var listenerPath: String?
  var syscalls: [Group]?
}

extension SeccompProfile {
  /// Reads the text of a profile. Throws where it is none, and where it asks for what cannot be had.
  public init(_ text: String, machine: Machine) throws(SecurityError) {
    let file: SeccompFile
    do {
      file = try JSONDecoder().decode(SeccompFile.self, from: Data(text.utf8))
    } catch {
      throw .profile("\(Self.words(for: error)); it must be JSON as Docker has it, with \"defaultAction\"")
    }
    if let flag = file.flags?.first { throw .profile("the flag \(flag) is not supported; remove it") }
    if file.listenerPath?.isEmpty == false {
      throw .profile("\"listenerPath\" is not supported: nobody would answer; remove it")
    }
    var groups: [Group] = []
    for group in file.syscalls ?? [] { groups.append(try Self.group(group)) }
    self.init(
      groups: groups, otherwise: try Self.answer(file.defaultAction, file.defaultErrnoRet),
      architectures: try Self.architectures(file, machine))
  }

  private static func group(_ group: SeccompFile.Group) throws(SecurityError) -> Group {
    let answer = try answer(group.action, group.errnoRet)
    var conditions: [SeccompRule.Condition] = []
    for argument in group.args ?? [] { conditions.append(try condition(argument)) }
    // The kernel's library takes one condition for each argument: several are alternatives.
    let isRepeated = Set(conditions.map(\.argument)).count < conditions.count
    let alternatives = isRepeated ? conditions.map { [$0] } : [conditions]
    var circumstances = Circumstances()
    if let includes = group.includes {
      circumstances.with = try capabilities(includes.caps)
      circumstances.machines = machines(includes.arches)
      // Only foreign instruction sets are named: it never counts here.
      if includes.arches?.isEmpty == false && circumstances.machines.isEmpty { return Group(rules: []) }
      if let text = includes.minKernel {
        guard let version = KernelVersion(release: text) else {
          throw .profile("\"minKernel\" is \"\(text)\" and not a version such as \"4.8\"")
        }
        circumstances.since = version
      }
    }
    if let excludes = group.excludes {
      circumstances.without = try capabilities(excludes.caps)
      circumstances.exceptMachines = machines(excludes.arches)
    }
    let names = (group.names ?? []) + (group.name.map { [$0] } ?? [])
    return Group(
      rules: names.flatMap { name in alternatives.map { SeccompRule(name, $0, answer: answer) } },
      circumstances: circumstances)
  }

  private static func answer(_ action: String, _ errno: UInt16?) throws(SecurityError) -> SeccompRule.Answer {
    switch action {
    case "SCMP_ACT_ALLOW": return .allow
    case "SCMP_ACT_ERRNO": return .fail(errno ?? 1)
    case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD": return .killThread
    case "SCMP_ACT_KILL_PROCESS": return .killProcess
    case "SCMP_ACT_TRAP": return .trap
    case "SCMP_ACT_LOG": return .log
    case "SCMP_ACT_TRACE": return .trace(errno ?? 1)
    default:
      throw .profile(
        "the action \"\(action)\" is not one of SCMP_ACT_ALLOW, ERRNO, KILL, KILL_PROCESS, TRAP, LOG and TRACE"
      )
    }
  }

  private static func condition(_ one: SeccompFile.Condition) throws(SecurityError) -> SeccompRule.Condition {
    guard one.index < 6 else { throw .profile("a system call has no argument \(one.index): 0 to 5") }
    switch one.op {
    case "SCMP_CMP_NE": return .notEqual(argument: one.index, to: one.value)
    case "SCMP_CMP_LT": return .less(argument: one.index, than: one.value)
    case "SCMP_CMP_LE": return .notGreater(argument: one.index, than: one.value)
    case "SCMP_CMP_EQ": return .equal(argument: one.index, to: one.value)
    case "SCMP_CMP_GE": return .notLess(argument: one.index, than: one.value)
    case "SCMP_CMP_GT": return .greater(argument: one.index, than: one.value)
    case "SCMP_CMP_MASKED_EQ": return .masked(argument: one.index, mask: one.value, value: one.valueTwo ?? 0)
    default: throw .profile("the comparison \"\(one.op)\" is none: write such as SCMP_CMP_EQ")
    }
  }

  private static func capabilities(_ names: [String]?) throws(SecurityError) -> CapabilitySet {
    var found: [Capability] = []
    for name in names ?? [] {
      guard let capability = Capability(name: name) else {
        throw .profile("there is no capability \"\(name)\"")
      }
      found.append(capability)
    }
    return CapabilitySet(found)
  }

  /// Those of our machines that are named, by Docker's or the library's name.
  private static func machines(_ names: [String]?) -> [Machine] {
    (names ?? []).compactMap { name in
      switch name {
      case "amd64", "SCMP_ARCH_X86_64": .amd64
      case "arm64", "SCMP_ARCH_AARCH64": .arm64
      default: nil
      }
    }
  }

  private static func architectures(_ file: SeccompFile, _ machine: Machine) throws(SecurityError)
    -> [SeccompArchitecture]
  {
    let own = machine.architectures[0]
    let ofLibrary: [String: SeccompArchitecture] = [
      "SCMP_ARCH_X86_64": .amd64, "SCMP_ARCH_X86": .x86, "SCMP_ARCH_X32": .x32, "SCMP_ARCH_AARCH64": .arm64,
      "SCMP_ARCH_ARM": .arm,
    ]
    var names = file.architectures ?? []
    if let map = file.archMap, !map.isEmpty {
      guard names.isEmpty else { throw .profile("use either \"architectures\" or \"archMap\"") }
      guard let entry = map.first(where: { ofLibrary[$0.architecture] == own }) else {
        throw .profile("\"archMap\" has no entry for this machine's instruction set, \(machine.rawValue)")
      }
      names = entry.subArchitectures ?? []
    }
    // What this machine's kernel cannot run needs no rule.
    return [own]
      + names.compactMap { ofLibrary[$0] }.filter { $0 != own && machine.architectures.contains($0) }
  }

  private static func words(for error: any Error) -> String {
    switch error as? DecodingError {
    case .keyNotFound(let key, _): "\"\(key.stringValue)\" is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\"\(context.codingPath.map(\.stringValue).joined(separator: "."))\" has a value of the wrong kind"
    case .dataCorrupted, nil: "it is not JSON"
    @unknown default: "it is not JSON"
    }
  }
}
