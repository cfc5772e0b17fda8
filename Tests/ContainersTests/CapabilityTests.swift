import Kernel
import Stacks
import Testing

@testable import Containers

@Suite struct CapabilityTests {
  /// All but SYS_RESOURCE, as on some machines.
  static let most = CapabilitySet.all.subtracting(CapabilitySet([.sysResource]))

  @Test func `every capability has the kernel's number and name`() {
    #expect(Capability.allCases.count == 41)
    #expect(
      Capability.names.joined(separator: " ") == """
        CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE \
        NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT \
        SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE \
        AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ \
        PERFMON BPF CHECKPOINT_RESTORE
        """)
    #expect(Capability.checkpointRestore.rawValue == 40)
    #expect(CapabilitySet.all.rawValue == 0x1FF_FFFF_FFFF)
  }

  @Test func `the standard set is Docker's`() { #expect(CapabilitySet.standard.rawValue == 0xA804_25FB) }

  struct Case: CustomTestStringConvertible {
    var add: [String] = []
    var drop: [String] = []
    var privileged = false
    var expected: CapabilitySet
    var testDescription: String { "add \(add) drop \(drop)\(privileged ? " privileged" : "")" }
  }

  static let cases: [Case] = [
    Case(expected: .standard),
    Case(add: ["NET_ADMIN"], expected: .standard.union(CapabilitySet([.netAdmin]))),
    Case(add: ["cap_net_admin"], expected: .standard.union(CapabilitySet([.netAdmin]))),
    Case(drop: ["CHOWN"], expected: .standard.subtracting(CapabilitySet([.chown]))),
    Case(drop: ["ALL"], expected: []),
    Case(add: ["CHOWN", "SYS_TIME"], drop: ["ALL"], expected: CapabilitySet([.chown, .sysTime])),
    Case(add: ["ALL"], expected: most),
    Case(add: ["ALL"], drop: ["SYS_ADMIN"], expected: most.subtracting(CapabilitySet([.sysAdmin]))),
    Case(add: ["KILL"], drop: ["KILL"], expected: .standard),
    Case(drop: ["SYS_RESOURCE"], expected: .standard),
    Case(drop: ["ALL"], privileged: true, expected: most),
  ]

  @Test(arguments: cases)
  func `added and dropped capabilities give the set that Docker gives`(_ one: Case) throws {
    #expect(
      try CapabilitySet.resolve(add: one.add, drop: one.drop, privileged: one.privileged, bounding: Self.most)
        == one.expected)
  }

  @Test func `a capability that the engine lacks cannot be added by name`() {
    #expect(throws: SecurityError.unavailableCapability("SYS_RESOURCE")) {
      try CapabilitySet.resolve(add: ["SYS_RESOURCE"], bounding: Self.most)
    }
    #expect(throws: SecurityError.unavailableCapability("SYS_RESOURCE")) {
      try CapabilitySet.resolve(add: ["ALL", "SYS_RESOURCE"], bounding: Self.most)
    }
  }

  @Test func `the standard set is cut down to what the engine has`() throws {
    #expect(
      try CapabilitySet.resolve(bounding: CapabilitySet([.chown, .sysAdmin])) == CapabilitySet([.chown]))
  }

  @Test(
    arguments: [("NET_ADMN", "NET_ADMIN"), ("cap_sysadmin", "SYS_ADMIN"), ("AL", "ALL"), ("FROBNICATE", nil)]
      as [(String, String?)])
  func `an unknown capability is named with the nearest`(_ name: String, _ nearest: String?) {
    #expect(throws: SecurityError.unknown(kind: "capability", name: name, nearest: nearest)) {
      try CapabilitySet.resolve(drop: [name], bounding: .all)
    }
  }

  @Test func `this process's own set is the one that the kernel shows`() throws {
    let status = try Files.readText("/proc/self/status")
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("CapBnd:") })
    let mask = try #require(UInt64(line.split(separator: "\t")[1], radix: 16))
    #expect(CapabilitySet.ofThisProcess.rawValue == mask)
  }
}

@Suite struct ResourceLimitTests {
  @Test func `ulimits get the kernel's numbers, in their order`() throws {
    let limits = try ResourceLimit.resolve(
      [
        "nofile": Ulimit(soft: 100, hard: 200), "core": Ulimit(soft: 0, hard: 0),
        "rttime": Ulimit(soft: 1, hard: .max),
      ],
      mostFiles: 1000, ceiling: nil)
    #expect(
      limits == [
        ResourceLimit(resource: 4, soft: 0, hard: 0), ResourceLimit(resource: 7, soft: 100, hard: 200),
        ResourceLimit(resource: 15, soft: 1, hard: .max),
      ])
  }

  @Test func `ulimits that cannot be set say why`() {
    func message(_ name: String, _ soft: UInt64, _ hard: UInt64, ceiling: UInt64? = nil) -> String? {
      do throws(SecurityError) {
        _ = try ResourceLimit.resolve(
          [name: Ulimit(soft: soft, hard: hard)], mostFiles: 1_048_576,
          ceiling: ceiling.map { most in { _ in most } })
        return nil
      } catch { return error.description }
    }
    #expect(message("nofiles", 1, 1) == "unknown ulimit 'nofiles'; did you mean 'nofile'?")
    #expect(
      message("nproc", 5, 4) == "set the ulimit nproc: soft 5 is above hard 4 (raise hard or lower soft)")
    #expect(
      message("nofile", 1, 2_000_000)
        == "set the ulimit nofile: hard 2000000 is above the kernel's 1048576 (lower it, or raise the sysctl fs.nr_open)"
    )
    #expect(
      message("memlock", 1, .max, ceiling: 65536)
        == "set the ulimit memlock: hard unlimited is above the engine's own 65536 (lower it, or give the engine CAP_SYS_RESOURCE)"
    )
    #expect(message("nofile", 10, 20, ceiling: 20) == nil)
  }

  @Test func `a ulimit above ours is refused exactly where we may not raise it`() throws {
    let (_, hard) = try ProcessLimits.limit(of: 7)
    let open = try #require(singleNumber(try Files.readText("/proc/sys/fs/nr_open")))
    let mayRaise = CapabilitySet(rawValue: ProcessLimits.effectiveCapabilities).contains(.sysResource)
    #expect(try ResourceLimit.resolve(["nofile": Ulimit(soft: hard, hard: hard)]).count == 1)
    if hard < open {
      let above = ["nofile": Ulimit(soft: 1, hard: hard + 1)]
      #expect(((try? ResourceLimit.resolve(above)) != nil) == mayRaise)
    }
  }
}
