internal import Kernel

/// A process to be started in a running container.
public struct ExecRequest: Sendable {
  /// The program and its arguments; the program is looked for in PATH.
  public var arguments: [String]
  /// `NAME=VALUE` each, the container's own among them: nothing is read from its processes. PATH and,
  /// with a terminal, TERM are added where they are missing, and HOME from the container's /etc/passwd.
  public var environment: [String] = []
  /// nil: `/`. It must exist.
  public var workingDirectory: String?
  /// `USER[:GROUP]` by name or number; nil: root.
  public var user: String?
  /// Further groups by name or number.
  public var groups: [String] = []
  public var hasTerminal = false
  public var window: TerminalSize?
  /// Input is given by the caller; otherwise it is the container's /dev/null.
  public var givesInput = false
  public var capabilities: CapabilitySet = .standard
  /// The compiled filter; nil: none.
  public var seccomp: [UInt8]?
  public var forbidsNewPrivileges = false
  public var limits: [ResourceLimit] = []
  /// The container's group; nil only where the container has none.
  public var cgroup: CgroupPlacement?

  public init(arguments: [String]) { self.arguments = arguments }

  func plan(process: PidFD, tasks: [Descriptor]) -> LaunchPlan {
    var plan = LaunchPlan()
    var flags: LaunchFlags = []
    if hasTerminal { flags.insert(.terminal) }
    if givesInput { flags.insert(.stdin) }
    var namespaces: Namespaces = [.mounts, .hostName, .ipc, .processes, .network]
    if cgroup != nil { namespaces.insert(.cgroups) }
    plan.add(
      .join, numbers: [namespaces.rawValue, plan.pass(process.descriptor), 0, flags.rawValue])
    if let window { plan.add(.window, numbers: [UInt64(window.rows), UInt64(window.columns)]) }
    if let directory = cgroup?.directory { plan.add(.cgroupClone, numbers: [plan.pass(directory)]) }
    for file in tasks { plan.add(.cgroupAttach, numbers: [plan.pass(file)]) }
    if hasTerminal { plan.add(.console, numbers: [0]) }
    plan.add(.user, user ?? "")
    for group in groups { plan.add(.group, group) }
    plan.add(.directory, workingDirectory ?? "/", numbers: [0])
    plan.addProcess(
      arguments: arguments,
      environment: CommandCheck.complete(environment, hostname: nil, hasTerminal: hasTerminal),
      limits: limits, capabilities: capabilities, seccomp: seccomp,
      forbidsNewPrivileges: forbidsNewPrivileges, runsInit: false)
    return plan
  }
}

/// How a process that joined has ended.
public struct ExecStatus: Hashable, Sendable {
  /// The exit status; 128 and the signal's number where a signal ended it.
  public var code: Int32
  /// The signal that ended it; nil: it ended by itself.
  public var signal: Int32?

  public init(code: Int32, signal: Int32? = nil) {
    self.code = code
    self.signal = signal
  }
}
