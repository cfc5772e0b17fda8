internal import Stacks

extension Binder {
  mutating func security(_ service: Node) -> Security {
    var filter = Security.Filter.standard
    var options: [String] = []
    for item in service["security_opt"]?.items ?? [] {
      if let profile = item.string.flatMap(seccomp) {
        filter = self.filter(profile, at: item.at)
      } else if isSupported(item), let text = item.string {
        options.append(text)
      }
    }
    return Security(
      addedCapabilities: capabilities(service["cap_add"]),
      droppedCapabilities: capabilities(service["cap_drop"]),
      isPrivileged: service["privileged"]?.bool ?? false,
      hasReadOnlyRoot: service["read_only"]?.bool ?? false,
      forbidsNewPrivileges: options.last.map { !$0.hasSuffix("false") } ?? false, filter: filter)
  }

  /// What follows `seccomp=` or `seccomp:`; nil: it is another option.
  private func seccomp(_ option: String) -> String? {
    guard option.hasPrefix("seccomp="), option.count > 8 else {
      return option.hasPrefix("seccomp:") && option.count > 8 ? String(option.dropFirst(8)) : nil
    }
    return String(option.dropFirst(8))
  }

  /// `unconfined`, `builtin`, or the profile in a file, whose text becomes part of the service.
  private mutating func filter(_ profile: String, at: Position) -> Security.Filter {
    if profile == "unconfined" { return .none }
    if profile == "builtin" { return .standard }
    let path = profile.hasPrefix("/") ? profile : Paths.clean(directory + "/" + profile)
    switch access.read(path) {
    case .success(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self), bytes.count <= 1 << 20 else {
        findings.error(at, "the seccomp profile \(quoted(path)) is not a text of at most 1 MiB")
        return .standard
      }
      return .profile(text)
    case .failure(.absent):
      findings.error(
        at, "the seccomp profile \(quoted(path)) does not exist",
        fix: "create it, or write 'seccomp=unconfined'")
    case .failure(.unreadable(let why)):
      findings.error(at, "the seccomp profile \(quoted(path)) cannot be read: \(why)")
    }
    return .standard
  }

  /// Whether it is `no-new-privileges`, alone or with true or false.
  private mutating func isSupported(_ node: Node) -> Bool {
    let option = node.string ?? ""
    let known = [
      "no-new-privileges", "no-new-privileges:true", "no-new-privileges:false",
      "no-new-privileges=true", "no-new-privileges=false",
    ]
    if known.contains(option) { return true }
    let name = option.split(whereSeparator: { $0 == ":" || $0 == "=" }).first.map(String.init) ?? option
    if ["apparmor", "label", "systempaths", "writable-cgroups"].contains(name) {
      findings.error(node.at, "the security option \(quoted(name)) is not supported yet", fix: "remove it")
    } else {
      findings.error(
        node.at, "unknown security option \(quoted(option))", fix: "use 'no-new-privileges:true'")
    }
    return false
  }

  /// Names without `CAP_`, in upper case, sorted.
  private mutating func capabilities(_ node: Node?) -> [String] {
    var names: Set<String> = []
    for item in node?.items ?? [] {
      let upper = (item.string ?? "").uppercased()
      let name = upper.hasPrefix("CAP_") ? String(upper.dropFirst(4)) : upper
      if name == "ALL" || Binder.capabilityNames.contains(name) {
        names.insert(name)
      } else {
        let near = nearest(to: name, among: Binder.capabilityNames).map { "did you mean '\($0)'?" }
        findings.error(
          item.at, "there is no capability \(quoted(item.string ?? ""))",
          fix: near ?? "write such as NET_ADMIN, or ALL")
      }
    }
    return names.sorted()
  }

  /// capabilities(7), up to Linux 5.9.
  private static let capabilityNames: [String] = [
    "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN",
    "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE",
    "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE",
    "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_ADMIN",
    "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "SYSLOG", "WAKE_ALARM",
  ]
}
