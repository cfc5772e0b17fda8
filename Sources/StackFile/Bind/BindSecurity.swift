internal import Stacks

extension Binder {
  mutating func security(_ service: Node) -> Security {
    let options = (service["security_opt"]?.items ?? []).filter { isSupported($0) }.compactMap(\.string)
    return Security(
      addedCapabilities: capabilities(service["cap_add"]),
      droppedCapabilities: capabilities(service["cap_drop"]),
      isPrivileged: service["privileged"]?.bool ?? false,
      hasReadOnlyRoot: service["read_only"]?.bool ?? false,
      forbidsNewPrivileges: options.last.map { !$0.hasSuffix("false") } ?? false)
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
    if ["seccomp", "apparmor", "label", "systempaths", "writable-cgroups"].contains(name) {
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
