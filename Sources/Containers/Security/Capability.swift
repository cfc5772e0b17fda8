/// The 41 capabilities of Linux (capabilities(7), linux/capability.h); the raw value is the number.
public enum Capability: UInt8, CaseIterable, Hashable, Sendable {
  case chown, dacOverride, dacReadSearch, fowner, fsetid, kill, setgid, setuid, setpcap
  case linuxImmutable, netBindService, netBroadcast, netAdmin, netRaw, ipcLock, ipcOwner
  case sysModule, sysRawio, sysChroot, sysPtrace, sysPacct, sysAdmin, sysBoot, sysNice
  case sysResource, sysTime, sysTtyConfig, mknod, lease, auditWrite, auditControl, setfcap
  case macOverride, macAdmin, syslog, wakeAlarm, blockSuspend, auditRead, perfmon, bpf
  case checkpointRestore

  /// The name without `CAP_`, such as `NET_ADMIN`.
  public var name: String { Self.names[Int(rawValue)] }

  /// By name in any case, with or without `CAP_`; nil where there is none.
  public init?(name: String) {
    let upper = name.uppercased()
    let bare = upper.hasPrefix("CAP_") ? String(upper.dropFirst(4)) : upper
    guard let number = Self.names.firstIndex(of: bare) else { return nil }
    self.init(rawValue: UInt8(number))
  }

  static let names = allCases.map { capability in
    "\(capability)".reduce(into: "") { name, letter in
      if letter.isUppercase { name += "_" }
      name += letter.uppercased()
    }
  }
}

/// A set of capabilities as the kernel has it: bit n for capability n.
public struct CapabilitySet: OptionSet, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public init(_ capabilities: some Sequence<Capability>) {
    rawValue = capabilities.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
  }

  public func contains(_ capability: Capability) -> Bool { rawValue >> UInt64(capability.rawValue) & 1 == 1 }

  /// In the order of their numbers; bits above the last that we know are left out.
  public var capabilities: [Capability] { Capability.allCases.filter(contains) }

  public var description: String {
    capabilities.isEmpty ? "none" : capabilities.map(\.name).joined(separator: " ")
  }

  /// All that have a name.
  public static let all = CapabilitySet(Capability.allCases)

  /// What a container has unless it asks for more or less: Docker's 14.
  public static let standard = CapabilitySet([
    .chown, .dacOverride, .fsetid, .fowner, .mknod, .netRaw, .setgid, .setuid, .setfcap, .setpcap,
    .netBindService, .sysChroot, .kill, .auditWrite,
  ])
}
