internal import CLinux
internal import CSeccomp
internal import Glibc

/// One line of a seccomp filter: a system call by name, what its arguments must be, and the answer.
public struct SeccompRule: Hashable, Sendable {
  public enum Answer: Hashable, Sendable {
    case allow
    /// Fails with this errno value.
    case fail(UInt16)
    case killProcess, killThread
    /// SIGSYS.
    case trap
    /// Goes on, and the kernel's log says so.
    case log
    /// Whoever traces the process is told this number; without one the call fails with ENOSYS.
    case trace(UInt16)

    /// SCMP_ACT_*.
    public var action: UInt32 {
      switch self {
      case .allow: 0x7fff_0000
      case .fail(let code): 0x0005_0000 | UInt32(code)
      case .killProcess: 0x8000_0000
      case .killThread: 0
      case .trap: 0x0003_0000
      case .log: 0x7ffc_0000
      case .trace(let message): 0x7ff0_0000 | UInt32(message)
      }
    }
  }
  /// One argument's condition. All conditions of a rule must hold; rules for one call add up.
  public enum Condition: Hashable, Sendable {
    case less(argument: UInt32, than: UInt64)
    case notGreater(argument: UInt32, than: UInt64)
    case equal(argument: UInt32, to: UInt64)
    case notEqual(argument: UInt32, to: UInt64)
    case notLess(argument: UInt32, than: UInt64)
    case greater(argument: UInt32, than: UInt64)
    /// argument & mask == value
    case masked(argument: UInt32, mask: UInt64, value: UInt64)

    /// Which argument it is about.
    public var argument: UInt32 {
      switch self {
      case .less(let argument, _), .notGreater(let argument, _), .equal(let argument, _),
        .notEqual(let argument, _), .notLess(let argument, _), .greater(let argument, _),
        .masked(let argument, _, _):
        argument
      }
    }
  }
  public var name: String
  public var conditions: [Condition]
  public var answer: Answer

  public init(_ name: String, _ conditions: [Condition] = [], answer: Answer = .allow) {
    self.name = name
    self.conditions = conditions
    self.answer = answer
  }
}

/// The instruction sets that a filter covers.
public enum SeccompArchitecture: String, Hashable, Sendable {
  case amd64, x86, x32, arm64, arm

  /// What libseccomp calls the architecture: AUDIT_ARCH_*, but for x32, which the kernel does not
  /// tell apart.
  var token: UInt32 { self == .x32 ? 0x4000_003E : auditValue }

  /// The value that a filter sees in `seccomp_data.arch` (AUDIT_ARCH_*).
  public var auditValue: UInt32 {
    switch self {
    case .amd64, .x32: 0xC000_003E
    case .x86: 0x4000_0003
    case .arm64: 0xC000_00B7
    case .arm: 0x4000_0028
    }
  }
}

extension SeccompArchitecture {
  /// Those of this processor whose programs the running kernel does not run: most are built or started without
  /// x32.
  public static let absent: Set<SeccompArchitecture> = cl_runs_x32() ? [] : [.x32]
}

/// libseccomp: rules to a classic BPF program.
public enum SeccompCompiler {
  /// Such as `2.5.4`.
  public static var libraryVersion: String {
    guard let version = unsafe seccomp_version() else { return "" }
    return unsafe "\(version.pointee.major).\(version.pointee.minor).\(version.pointee.micro)"
  }

  /// The number of a system call on an architecture; nil where it has none or the library does not
  /// know the name.
  public static func number(of name: String, on architecture: SeccompArchitecture) -> Int32? {
    let number = unsafe seccomp_syscall_resolve_name_arch(architecture.token, name)
    return number >= 0 ? number : nil
  }

  /// The call through which this one is made on that architecture, if not under a number of its own then at
  /// least also so: the library gives it a number from -101 down. nil: it is a call by itself, or none.
  public static func carrier(of name: String, on architecture: SeccompArchitecture) -> String? {
    switch unsafe seccomp_syscall_resolve_name_arch(architecture.token, name) {
    case -199 ... -101: "socketcall"
    case -299 ... -201: "ipc"
    default: nil
    }
  }

  /// Compiles `rules` for all of `architectures` (the first is the native one). What no rule names gets
  /// the answer `otherwise`; an instruction set that is not listed may make no call. A name that the library does not know is left out.
  /// Gives an array of `struct sock_filter`, as SECCOMP_SET_MODE_FILTER takes it.
  public static func compile(
    _ rules: [SeccompRule], architectures: [SeccompArchitecture],
    otherwise: SeccompRule.Answer = .fail(1)
  ) throws(SystemError) -> [UInt8] {
    guard let context = unsafe seccomp_init(otherwise.action) else {
      throw SystemError("seccomp_init", on: "", code: ENOMEM)
    }
    defer { unsafe seccomp_release(context) }
    func check(_ code: Int32, _ step: String, _ subject: String) throws(SystemError) {
      if code < 0 { throw SystemError(step, on: subject, code: -code) }
    }
    // 2: a binary tree instead of a list, three times faster to run through.
    try check(unsafe seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2), "seccomp_attr_set", "optimize")
    // The bits of no-new-privileges are the launcher's business.
    try check(unsafe seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0), "seccomp_attr_set", "no_new_privs")
    try check(
      unsafe seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SeccompRule.Answer.fail(1).action),
      "seccomp_attr_set", "bad architecture")
    for architecture in architectures {
      let code = unsafe seccomp_arch_add(context, architecture.token)
      if code != -EEXIST { try check(code, "seccomp_arch_add", architecture.rawValue) }
    }
    // The library takes no rule that says what is so anyway.
    for rule in rules where rule.answer != otherwise {
      let number = unsafe seccomp_syscall_resolve_name(rule.name)
      if number == __NR_SCMP_ERROR { continue }
      let action = rule.answer.action
      let comparisons = rule.conditions.map(comparison)
      let code = unsafe comparisons.withUnsafeBufferPointer { list in
        unsafe seccomp_rule_add_array(context, action, number, UInt32(list.count), list.baseAddress)
      }
      try check(code, "seccomp_rule_add", rule.name)
    }
    let number = unsafe cl_memfd("seccomp")
    guard number >= 0 else { throw .last("memfd_create", on: "seccomp") }
    let file = Descriptor(owning: number)
    try check(unsafe seccomp_export_bpf(context, number), "seccomp_export_bpf", "")
    guard lseek(number, 0, SEEK_SET) == 0 else { throw .last("lseek", on: "seccomp") }
    return try file.readAll()
  }

  private static func comparison(_ condition: SeccompRule.Condition) -> scmp_arg_cmp {
    switch condition {
    case .less(let argument, let value):
      scmp_arg_cmp(arg: argument, op: SCMP_CMP_LT, datum_a: value, datum_b: 0)
    case .notGreater(let argument, let value):
      scmp_arg_cmp(arg: argument, op: SCMP_CMP_LE, datum_a: value, datum_b: 0)
    case .equal(let argument, let value):
      scmp_arg_cmp(arg: argument, op: SCMP_CMP_EQ, datum_a: value, datum_b: 0)
    case .notEqual(let argument, let value):
      scmp_arg_cmp(arg: argument, op: SCMP_CMP_NE, datum_a: value, datum_b: 0)
    case .notLess(let argument, let value):
      scmp_arg_cmp(arg: argument, op: SCMP_CMP_GE, datum_a: value, datum_b: 0)
    case .greater(let argument, let value):
      scmp_arg_cmp(arg: argument, op: SCMP_CMP_GT, datum_a: value, datum_b: 0)
    case .masked(let argument, let mask, let value):
      scmp_arg_cmp(arg: argument, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: value)
    }
  }
}
