internal import Kernel

/// Classic BPF that is put before the compiled filter. Pure.
///
/// It does two things that libseccomp cannot: a system call that is newer than everything the profile
/// knows fails with ENOSYS, so that a new libc falls back instead of giving up on EPERM; and a call that
/// the profile allows but the installed library does not know by name yet is allowed by number (since
/// 424 a call has the same number on every instruction set).
enum SeccompPrelude {
  /// One instruction (linux/filter.h, `struct sock_filter`).
  struct Instruction: Hashable, CustomStringConvertible {
    var code: UInt16
    var ifTrue: UInt8 = 0
    var ifFalse: UInt8 = 0
    var value: UInt32

    var bytes: [UInt8] {
      [UInt8(truncatingIfNeeded: code), UInt8(truncatingIfNeeded: code >> 8), ifTrue, ifFalse]
        + (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    var description: String {
      switch code {
      case 0x20: "load \(value == 0 ? "number" : value == 4 ? "architecture" : "\(value)")"
      case 0x05: "goto +\(value)"
      case 0x15: "== \(value) ? +\(ifTrue) : +\(ifFalse)"
      case 0x25: "> \(value) ? +\(ifTrue) : +\(ifFalse)"
      case 0x35: ">= \(value) ? +\(ifTrue) : +\(ifFalse)"
      case 0x06:
        "return \(value == 0x7FFF_0000 ? "allow" : value >> 16 == 5 ? "errno \(value & 0xFFFF)" : "\(value)")"
      default: "code \(code) \(value)"
      }
    }
  }

  /// What is to be known of one instruction set.
  struct Calls: Hashable {
    /// AUDIT_ARCH_*.
    var auditValue: UInt32
    /// The greatest number of a call that the profile knows.
    var newest: UInt32
    /// Calls to allow by number.
    var allowed: [UInt32]
  }

  static func instructions(for machines: [Calls]) -> [Instruction] {
    var program = [Instruction(code: 0x20, value: 4)]
    for (index, calls) in machines.enumerated() {
      // Each block ends either with an answer or with a jump behind the last block.
      var block = [Instruction(code: 0x20, value: 0)]
      if calls.auditValue == SeccompArchitecture.amd64.auditValue {
        // x32: its numbers have bit 30 set and are left to the filter.
        block.append(Instruction(code: 0x35, ifTrue: 2, ifFalse: 0, value: 0x4000_0000))
      }
      block.append(Instruction(code: 0x25, ifTrue: 0, ifFalse: 1, value: calls.newest))
      block.append(Instruction(code: 0x06, value: 0x0005_0000 | 38))
      for number in calls.allowed.sorted() {
        block.append(Instruction(code: 0x15, ifTrue: 0, ifFalse: 1, value: number))
        block.append(Instruction(code: 0x06, value: 0x7FFF_0000))
      }
      if index < machines.count - 1 {
        block.append(Instruction(code: 0x05, value: UInt32(rest(machines[(index + 1)...]))))
      }
      program.append(
        Instruction(code: 0x15, ifTrue: 0, ifFalse: UInt8(block.count), value: calls.auditValue))
      program += block
    }
    return program
  }

  /// How many instructions the blocks of `machines` take, the comparison before each included.
  private static func rest(_ machines: ArraySlice<Calls>) -> Int {
    machines.enumerated().reduce(0) { sum, entry in
      let isX86 = entry.element.auditValue == SeccompArchitecture.amd64.auditValue
      return sum + 4 + (isX86 ? 1 : 0) + 2 * entry.element.allowed.count
        + (entry.offset < machines.count - 1 ? 1 : 0)
    }
  }

  /// Calls that libseccomp may be too old to know; the same number everywhere.
  static let recentNumbers: [String: UInt32] = [
    "memfd_secret": 447, "process_mrelease": 448, "futex_waitv": 449, "set_mempolicy_home_node": 450,
    "cachestat": 451, "fchmodat2": 452, "map_shadow_stack": 453, "futex_wake": 454, "futex_wait": 455,
    "futex_requeue": 456, "statmount": 457, "listmount": 458, "lsm_get_self_attr": 459,
    "lsm_set_self_attr": 460, "lsm_list_modules": 461, "mseal": 462, "setxattrat": 463,
    "getxattrat": 464, "listxattrat": 465, "removexattrat": 466,
  ]
}
