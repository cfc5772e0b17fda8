public import Kernel

/// A seccomp profile: groups of rules, each with the circumstances in which it counts.
public struct SeccompProfile: Hashable, Sendable {
  /// Instruction sets that containers run on.
  public enum Machine: String, Hashable, Sendable {
    case amd64, arm64

    /// That of this program; nil: there is no profile for it.
    public static var current: Machine? {
      #if arch(x86_64)
        .amd64
      #elseif arch(arm64)
        .arm64
      #else
        nil
      #endif
    }

    /// The native instruction set, then those that its kernels run as well.
    public var architectures: [SeccompArchitecture] {
      switch self {
      case .amd64: [.amd64, .x86, .x32]
      case .arm64: [.arm64, .arm]
      }
    }
  }

  /// A kernel's version, as far as profiles ask for it.
  public struct KernelVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var major: Int
    public var minor: Int
    public init(_ major: Int, _ minor: Int) {
      self.major = major
      self.minor = minor
    }
    /// From a release such as `6.1.0-56-cloud-amd64`; nil: it does not begin with two numbers.
    public init?(release: String) {
      let parts = release.split(separator: ".", maxSplits: 2)
      guard parts.count >= 2, let major = Int(parts[0]),
        let minor = Int(parts[1].prefix { $0.isNumber })
      else { return nil }
      self.init(major, minor)
    }
    public var description: String { "\(major).\(minor)" }
    public static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
  }

  /// What must be so for a group to count; an empty list or nil asks nothing.
  public struct Circumstances: Hashable, Sendable {
    /// All of these are in the container's bounding set.
    public var with: CapabilitySet = []
    /// None of these is.
    public var without: CapabilitySet = []
    public var machines: [Machine] = []
    public var exceptMachines: [Machine] = []
    public var since: KernelVersion?
    public init() {}
  }

  public struct Group: Hashable, Sendable {
    public var rules: [SeccompRule]
    public var circumstances = Circumstances()
  }

  public var groups: [Group]
  /// What a call gets that no rule names.
  public var otherwise: SeccompRule.Answer = .fail(1)
  /// The instruction sets that it covers, the machine's own first; nil: all that the machine runs.
  public var architectures: [SeccompArchitecture]?

  public init(
    groups: [Group], otherwise: SeccompRule.Answer = .fail(1), architectures: [SeccompArchitecture]? = nil
  ) {
    self.groups = groups
    self.otherwise = otherwise
    self.architectures = architectures
  }

  /// The rules that count for a container with the bounding set `capabilities`. Pure.
  public func resolve(capabilities: CapabilitySet, machine: Machine, kernel: KernelVersion) -> [SeccompRule] {
    groups.filter { group in
      let needs = group.circumstances
      return capabilities.isSuperset(of: needs.with) && capabilities.isDisjoint(with: needs.without)
        && (needs.machines.isEmpty || needs.machines.contains(machine))
        && !needs.exceptMachines.contains(machine)
        && (needs.since.map { kernel >= $0 } ?? true)
    }.flatMap(\.rules)
  }

  /// Every name that a rule of any group has: what the profile knows of.
  public var names: Set<String> { Set(groups.flatMap { $0.rules.map(\.name) }) }
}

extension SeccompProfile {
  /// The same as Docker's: see `SeccompTable`.
  public static let standard = SeccompProfile(
    groups: [
      allow(SeccompTable.unconditional),
      allow(["ptrace", "process_vm_readv", "process_vm_writev"]) { $0.since = KernelVersion(4, 8) },
      // Any family but AF_ALG (38) and AF_VSOCK (40): attack surface, and no namespace holds them.
      Group(rules: [
        SeccompRule("socket", [.less(argument: 0, than: 38)]),
        SeccompRule("socket", [.equal(argument: 0, to: 39)]),
        SeccompRule("socket", [.greater(argument: 0, than: 40)]),
      ]),
      // PER_LINUX, PER_LINUX32, both with UNAME26, and the question.
      Group(
        rules: [0, 8, 0x20000, 0x20008, 0xFFFF_FFFF].map {
          SeccompRule("personality", [.equal(argument: 0, to: $0)])
        }),
      allow(["arch_prctl", "modify_ldt"]) { $0.machines = [.amd64] },
      allow(
        SeccompTable.words(
          "arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls")
      ) {
        $0.machines = [.arm64]
      },
      allow(["open_by_handle_at"]) { $0.with = CapabilitySet([.dacReadSearch]) },
      allow(
        SeccompTable.words(
          """
          bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie
          lsm_get_self_attr lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree
          perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare
          """)
      ) { $0.with = CapabilitySet([.sysAdmin]) },
      // No flag that makes a namespace (CLONE_NEW*). clone3 hides its flags behind a pointer, so libc is
      // told that there is none and falls back to clone.
      Group(
        rules: [
          SeccompRule("clone", [.masked(argument: 0, mask: 0x7E02_0000, value: 0)]),
          SeccompRule("clone3", answer: .fail(38)),
        ], circumstances: circumstances { $0.without = CapabilitySet([.sysAdmin]) }),
      allow(["reboot"]) { $0.with = CapabilitySet([.sysBoot]) },
      allow(["chroot"]) { $0.with = CapabilitySet([.sysChroot]) },
      allow(["delete_module", "init_module", "finit_module"]) { $0.with = CapabilitySet([.sysModule]) },
      allow(["acct"]) { $0.with = CapabilitySet([.sysPacct]) },
      allow(SeccompTable.words("kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace"))
      {
        $0.with = CapabilitySet([.sysPtrace])
      },
      allow(["iopl", "ioperm"]) { $0.with = CapabilitySet([.sysRawio]) },
      allow(["settimeofday", "stime", "clock_settime", "clock_settime64"]) {
        $0.with = CapabilitySet([.sysTime])
      },
      allow(["vhangup"]) { $0.with = CapabilitySet([.sysTtyConfig]) },
      allow(["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"]) {
        $0.with = CapabilitySet([.sysNice])
      },
      allow(["syslog"]) { $0.with = CapabilitySet([.syslog]) },
      allow(["bpf"]) { $0.with = CapabilitySet([.bpf]) },
      allow(["perf_event_open"]) { $0.with = CapabilitySet([.perfmon]) },
    ])

  private static func allow(_ names: [String], when edit: (inout Circumstances) -> Void = { _ in }) -> Group {
    Group(rules: names.map { SeccompRule($0) }, circumstances: circumstances(edit))
  }

  private static func circumstances(_ edit: (inout Circumstances) -> Void) -> Circumstances {
    var all = Circumstances()
    edit(&all)
    return all
  }
}
