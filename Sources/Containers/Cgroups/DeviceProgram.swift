/// Version 2: device rules as an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE. Pure.
///
/// The kernel gives it `struct bpf_cgroup_dev_ctx { u32 access_type, major, minor }` in r1, with the
/// kind in the lower and the access in the upper half of `access_type`; 1 in r0 allows.
enum DeviceProgram {
  /// One eBPF instruction (linux/bpf.h, `struct bpf_insn`).
  struct Instruction: Hashable, CustomStringConvertible {
    var code: UInt8
    var destination: UInt8 = 0
    var source: UInt8 = 0
    var offset: Int16 = 0
    var immediate: Int32 = 0

    /// As the kernel lays it out on a little-endian machine.
    var encoded: UInt64 {
      UInt64(code) | UInt64(destination & 15 | source << 4) << 8
        | UInt64(UInt16(bitPattern: offset)) << 16 | UInt64(UInt32(bitPattern: immediate)) << 32
    }

    var description: String {
      switch code {
      case 0x61: "r\(destination) = *(u32 *)(r\(source) + \(offset))"
      case 0x54: "w\(destination) &= \(immediate)"
      case 0x74: "w\(destination) >>= \(immediate)"
      case 0xbc: "w\(destination) = w\(source)"
      case 0xb4: "w\(destination) = \(immediate)"
      case 0x55: "if r\(destination) != \(immediate) goto +\(offset)"
      case 0x5d: "if r\(destination) != r\(source) goto +\(offset)"
      case 0x95: "exit"
      default: "code \(code)"
      }
    }
  }

  // Registers: r2 kind, r3 access, r4 major, r5 minor; r1 is free once they are loaded.
  private static func load(_ register: UInt8, at offset: Int16) -> Instruction {
    Instruction(code: 0x61, destination: register, source: 1, offset: offset)
  }
  private static func set(_ register: UInt8, to value: Int32) -> Instruction {
    Instruction(code: 0xb4, destination: register, immediate: value)
  }
  private static let exit = Instruction(code: 0x95)

  static func instructions(for access: DeviceAccess) -> [Instruction] {
    guard case .only(let rules) = access else { return [set(0, to: 1), exit] }
    var program: [Instruction] = [
      load(2, at: 0),
      Instruction(code: 0xbc, destination: 3, source: 2),
      Instruction(code: 0x54, destination: 2, immediate: 0xFFFF),
      Instruction(code: 0x74, destination: 3, immediate: 16),
      load(4, at: 4),
      load(5, at: 8),
    ]
    for rule in rules { program += block(rule) }
    return program + [set(0, to: 0), exit]
  }

  /// Allows and ends where the rule matches, or falls through to the instruction after it.
  private static func block(_ rule: DeviceRule) -> [Instruction] {
    var tests: [Instruction] = []
    func mustEqual(_ register: UInt8, _ value: UInt32) {
      tests.append(Instruction(code: 0x55, destination: register, immediate: Int32(bitPattern: value)))
    }
    switch rule.kind {
    case .block: mustEqual(2, 1)
    case .character: mustEqual(2, 2)
    case .any: break
    }
    if rule.access != .full {
      // Every kind of access that is asked for must be among those of the rule.
      tests.append(Instruction(code: 0xbc, destination: 1, source: 3))
      tests.append(Instruction(code: 0x54, destination: 1, immediate: Int32(rule.access.rawValue)))
      tests.append(Instruction(code: 0x5d, destination: 1, source: 3))
    }
    if let major = rule.major { mustEqual(4, major) }
    if let minor = rule.minor { mustEqual(5, minor) }
    let length = tests.count + 2
    for index in tests.indices where tests[index].code == 0x55 || tests[index].code == 0x5d {
      tests[index].offset = Int16(length - index - 1)
    }
    return tests + [set(0, to: 1), exit]
  }
}
