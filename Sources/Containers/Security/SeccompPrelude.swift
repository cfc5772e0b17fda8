internal import Kernel

/// Classic BPF that is put before the compiled filter. Pure.
///
/// It does three things that libseccomp cannot: a system call that is newer than everything the profile
/// knows fails with ENOSYS, so that a new libc falls back instead of giving up on EPERM; a call that the
/// profile allows but the installed library does not know by name yet is allowed by number (since 424 a
/// call has the same number on every instruction set); and calls that are allowed whatever their arguments
/// are found by a search among ranges of numbers. The library compares with each number by itself, and the
/// kernel translates the whole filter anew for every container: this way it is a third as long.
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
    /// The greatest number of a call that the profile knows, those of x32 apart.
    var newest: UInt32
    /// x32 has rules too; its calls have bit 30 set.
    var hasX32 = false
    /// Calls to allow by number, those of x32 included.
    var allowed: [UInt32]
  }

  static func instructions(for machines: [Calls]) -> [Instruction] {
    let blocks = machines.map(block)
    var program = [Instruction(code: 0x20, value: 4)]
    for (index, block) in blocks.enumerated() {
      let isLast = index == blocks.count - 1
      program.append(Instruction(code: 0x15, ifTrue: 1, ifFalse: 0, value: machines[index].auditValue))
      program.append(Instruction(code: 0x05, value: UInt32(block.count + (isLast ? 0 : 1))))
      program += block
      if isLast { break }
      let rest = blocks[(index + 1)...].reduce(0) { $0 + $1.count + 3 } - 1
      program.append(Instruction(code: 0x05, value: UInt32(rest)))
    }
    return program
  }

  /// What is done for one instruction set: it answers, or goes on behind its end.
  private static func block(_ calls: Calls) -> [Instruction] {
    var block = [Instruction(code: 0x20, value: 0)]
    if calls.hasX32 {
      // The numbers of x32 are all greater, and none of them is new.
      block.append(Instruction(code: 0x35, ifTrue: 2, ifFalse: 0, value: 0x4000_0000))
    }
    block.append(Instruction(code: 0x25, ifTrue: 0, ifFalse: 1, value: calls.newest))
    block.append(Instruction(code: 0x06, value: 0x0005_0000 | 38))
    // A jump on a condition reaches 255 instructions.
    var boundaries = boundaries(of: calls.allowed)[...]
    while !boundaries.isEmpty {
      block += search(Array(boundaries.prefix(240)))
      boundaries = boundaries.dropFirst(240)
    }
    return block
  }

  /// Where the ranges of the numbers begin and, each one further, end, by turns.
  static func boundaries(of numbers: [UInt32]) -> [UInt32] {
    var found: [UInt32] = []
    for number in Set(numbers).sorted() {
      if found.last == number { found.removeLast() } else { found.append(number) }
      found.append(number + 1)
    }
    return found
  }

  /// Allows a call whose number is behind an odd count of boundaries; any other goes on behind the end.
  private static func search(_ boundaries: [UInt32]) -> [Instruction] {
    var tree: [Instruction] = []
    func target(_ range: Range<Int>, at place: Int) -> Int {
      range.isEmpty ? boundaries.count + (range.lowerBound.isMultiple(of: 2) ? 1 : 0) : place
    }
    func add(_ range: Range<Int>) {
      if range.isEmpty { return }
      let middle = range.lowerBound + range.count / 2
      let (less, more) = (range.lowerBound..<middle, middle + 1..<range.upperBound)
      let next = tree.count + 1
      tree.append(
        Instruction(
          code: 0x35, ifTrue: UInt8(target(more, at: next + less.count) - next),
          ifFalse: UInt8(target(less, at: next) - next), value: boundaries[middle]))
      add(less)
      add(more)
    }
    add(0..<boundaries.count)
    return tree + [Instruction(code: 0x06, value: 0x7FFF_0000)]
  }

  /// On 32-bit x86: the numbers of calls that can also be made through `socketcall` or `ipc`
  /// (arch/x86/entry/syscalls/syscall_32.tbl). The library gives them none.
  static let directNumbers: [String: UInt32] = [
    "recvmmsg": 337, "sendmmsg": 345, "socket": 359, "socketpair": 360, "bind": 361, "connect": 362,
    "listen": 363, "accept4": 364, "getsockopt": 365, "setsockopt": 366, "getsockname": 367,
    "getpeername": 368, "sendto": 369, "sendmsg": 370, "recvfrom": 371, "recvmsg": 372, "shutdown": 373,
    "semget": 393, "semctl": 394, "shmget": 395, "shmctl": 396, "shmat": 397, "shmdt": 398, "msgget": 399,
    "msgsnd": 400, "msgrcv": 401, "msgctl": 402,
  ]

  /// Calls that libseccomp may be too old to know; the same number everywhere.
  static let recentNumbers: [String: UInt32] = [
    "memfd_secret": 447, "process_mrelease": 448, "futex_waitv": 449, "set_mempolicy_home_node": 450,
    "cachestat": 451, "fchmodat2": 452, "map_shadow_stack": 453, "futex_wake": 454, "futex_wait": 455,
    "futex_requeue": 456, "statmount": 457, "listmount": 458, "lsm_get_self_attr": 459,
    "lsm_set_self_attr": 460, "lsm_list_modules": 461, "mseal": 462, "setxattrat": 463,
    "getxattrat": 464, "listxattrat": 465, "removexattrat": 466,
  ]
}
