import CProbe
import Kernel
import Stacks
import Testing

@testable import Containers

/// Classic BPF, as the kernel runs it over `struct seccomp_data`. nil: not a program that ends.
func answer(of filter: [UInt8], architecture: UInt32, number: UInt32, arguments: [UInt64]) -> UInt32? {
  var data = [number, architecture, 0, 0]
  for argument in arguments { data += [UInt32(truncatingIfNeeded: argument), UInt32(argument >> 32)] }
  data += [UInt32](repeating: 0, count: 16 - data.count)
  var accumulator: UInt32 = 0
  var at = 0
  while at * 8 + 8 <= filter.count {
    let one = filter[(at * 8)..<(at * 8 + 8)].map { UInt32($0) }
    let code = one[0] | one[1] << 8
    let value = one[4] | one[5] << 8 | one[6] << 16 | one[7] << 24
    at += 1
    let isTrue: Bool
    switch code {
    case 0x20:
      guard value % 4 == 0, Int(value / 4) < data.count else { return nil }
      accumulator = data[Int(value / 4)]
      continue
    case 0x54:
      accumulator &= value
      continue
    case 0x05:
      at += Int(value)
      continue
    case 0x06: return value
    case 0x15: isTrue = accumulator == value
    case 0x25: isTrue = accumulator > value
    case 0x35: isTrue = accumulator >= value
    case 0x45: isTrue = accumulator & value != 0
    default: return nil
    }
    at += Int(isTrue ? one[2] : one[3])
  }
  return nil
}

@Suite(.enabled(if: SeccompProfile.Machine.current == .amd64, "the numbers are those of x86_64"))
struct SeccompFilterTests {
  static let allow: UInt32 = 0x7FFF_0000
  static func fail(_ code: UInt32) -> UInt32 { 0x0005_0000 | code }

  private func filter(
    _ capabilities: CapabilitySet, without absent: Set<SeccompArchitecture> = []
  ) throws -> [UInt8] {
    try #require(try SeccompFilters(directory: nil, absent: absent).filter(for: capabilities))
  }

  @Test func `what the kernel does not run takes no room, and is not there`() throws {
    let filter = try filter(.standard, without: [.x32])
    #expect(filter.count / 8 < 300, "\(filter.count / 8) instructions")
    for number in [39, 165] as [UInt32] {
      let found = answer(
        of: filter, architecture: SeccompArchitecture.amd64.auditValue, number: 0x4000_0000 + number,
        arguments: [0, 0])
      #expect(found == Self.fail(38))
    }
    #expect(SeccompArchitecture.absent.isSubset(of: [.x32]))
  }

  @Test func `a privileged container has no filter`() throws {
    #expect(try SeccompFilters(directory: nil).filter(for: .all, privileged: true) == nil)
  }

  @Test(arguments: [CapabilitySet.standard, [], CapabilitySet([.sysAdmin]), .all])
  func `the compiled filter answers for every call of every instruction set as the rules do`(
    _ set: CapabilitySet
  )
    throws
  {
    let filter = try filter(set)
    #expect(filter.count / 8 < 400, "\(filter.count / 8) instructions, translated for every container")
    let rules = SeccompProfile.standard.resolve(
      capabilities: set, machine: .amd64, kernel: SeccompProfile.KernelVersion(6, 1))
    let plain = Dictionary(grouping: rules.filter(\.conditions.isEmpty), by: \.name)
    let conditional = Set(rules.filter { !$0.conditions.isEmpty }.map(\.name))
    for architecture in [SeccompArchitecture.amd64, .x86] {
      var names: [UInt32: String] = [:]
      for name in SeccompProfile.standard.names.union([
        "keyctl", "add_key", "io_uring_setup", "kexec_load", "swapon",
      ]) {
        if let number = SeccompCompiler.number(of: name, on: architecture) {
          names[UInt32(number)] = name
        } else if let number = SeccompPrelude.recentNumbers[name] {
          names[number] = name
        }
      }
      if architecture == .x86 {
        for (name, number) in SeccompPrelude.directNumbers { names[number] = name }
      }
      let newest: UInt32 = 466
      for number in 0...600 as ClosedRange<UInt32> {
        let found = answer(
          of: filter, architecture: architecture.auditValue, number: number, arguments: [0, 0, 0, 0, 0, 0])
        let name = names[number]
        if let name, conditional.contains(name), plain[name] == nil { continue }
        let expected: UInt32
        switch name.flatMap({ plain[$0]?.first })?.answer {
        case .some(let answer): expected = answer.action
        case nil: expected = Self.fail(number > newest ? 38 : 1)
        }
        #expect(found == expected, "\(architecture) \(number) \(name ?? "?")")
      }
    }
  }

  @Test(arguments: [CapabilitySet.standard, [], .all])
  func `what the prelude answers the library would have answered too`(_ set: CapabilitySet) throws {
    let filter = try filter(set)
    let rules = SeccompProfile.standard.resolve(
      capabilities: set, machine: .amd64, kernel: SeccompProfile.KernelVersion(6, 1))
    let plain = try SeccompCompiler.compile(rules, architectures: [.amd64, .x86, .x32])
    let known = SeccompProfile.standard.names
    for architecture in [SeccompArchitecture.amd64, .x86, .x32] {
      let numbers = known.compactMap { SeccompCompiler.number(of: $0, on: architecture) }
      let newest = UInt32(try #require(numbers.max()))
      let first: UInt32 = architecture == .x32 ? 0x4000_0000 : 0
      for number in first...newest where SeccompPrelude.recentNumbers.values.contains(number) == false {
        for argument in [0, 1, 8, 38, 0x0002_0000, 0x0004_0000, 0x1000_0000, UInt64.max] {
          func asked(_ filter: [UInt8]) -> UInt32? {
            answer(
              of: filter, architecture: architecture.auditValue, number: number,
              arguments: [argument, argument])
          }
          #expect(asked(filter) == asked(plain), "\(architecture) \(number)(\(argument))")
        }
      }
    }
  }

  struct Call: CustomTestStringConvertible {
    var name: String
    var architecture = SeccompArchitecture.amd64
    var number: UInt32
    var argument: UInt64
    var expected: UInt32
    var testDescription: String { "\(name)(\(argument))" }
  }

  static let conditional: [Call] = [
    Call(name: "socket AF_UNIX", number: 41, argument: 1, expected: allow),
    Call(name: "socket AF_INET", number: 41, argument: 2, expected: allow),
    Call(name: "socket AF_NETLINK", number: 41, argument: 16, expected: allow),
    Call(name: "socket 37", number: 41, argument: 37, expected: allow),
    Call(name: "socket AF_ALG", number: 41, argument: 38, expected: fail(1)),
    Call(name: "socket AF_NFC", number: 41, argument: 39, expected: allow),
    Call(name: "socket AF_VSOCK", number: 41, argument: 40, expected: fail(1)),
    Call(name: "socket AF_XDP", number: 41, argument: 44, expected: allow),
    Call(name: "32-bit socket AF_INET", architecture: .x86, number: 359, argument: 2, expected: allow),
    Call(name: "32-bit socket AF_ALG", architecture: .x86, number: 359, argument: 38, expected: fail(1)),
    Call(
      name: "32-bit clone NEWUSER", architecture: .x86, number: 120, argument: 0x1000_0000, expected: fail(1)),
    Call(name: "personality", number: 135, argument: 0, expected: allow),
    Call(name: "personality", number: 135, argument: 8, expected: allow),
    Call(name: "personality", number: 135, argument: 0x20000, expected: allow),
    Call(name: "personality", number: 135, argument: 0x20008, expected: allow),
    Call(name: "personality", number: 135, argument: 0xFFFF_FFFF, expected: allow),
    Call(name: "personality ADDR_NO_RANDOMIZE", number: 135, argument: 0x40000, expected: fail(1)),
    Call(name: "clone of a thread", number: 56, argument: 0x3D0F00, expected: allow),
    Call(name: "clone NEWNS", number: 56, argument: 0x0002_0000, expected: fail(1)),
    Call(name: "clone NEWCGROUP", number: 56, argument: 0x0200_0000, expected: fail(1)),
    Call(name: "clone NEWUTS", number: 56, argument: 0x0400_0000, expected: fail(1)),
    Call(name: "clone NEWIPC", number: 56, argument: 0x0800_0000, expected: fail(1)),
    Call(name: "clone NEWUSER", number: 56, argument: 0x1000_0000, expected: fail(1)),
    Call(name: "clone NEWPID", number: 56, argument: 0x2000_0000, expected: fail(1)),
    Call(name: "clone NEWNET", number: 56, argument: 0x4000_0000, expected: fail(1)),
    Call(name: "clone3", number: 435, argument: 0, expected: fail(38)),
    Call(name: "a call of x32", number: 0x4000_0000 + 39, argument: 0, expected: allow),
    Call(
      name: "a call of x32 that is not allowed", number: 0x4000_0000 + 165, argument: 0, expected: fail(1)),
  ]

  @Test(arguments: conditional)
  func `arguments decide where the profile asks for them`(_ call: Call) throws {
    let filter = try filter(.standard)
    #expect(
      answer(
        of: filter, architecture: call.architecture.auditValue, number: call.number,
        arguments: [call.argument])
        == call.expected)
  }

  @Test func `an instruction set that is not covered may do nothing`() throws {
    let filter = try filter(.standard)
    #expect(answer(of: filter, architecture: 0xC000_00B7, number: 63, arguments: []) == Self.fail(1))
  }

  /// Calls with arguments that the kernel refuses by itself with something other than EPERM, or takes.
  static let real: [(name: String, call: probe_call, refused: Int32)] = [
    ("getppid", call(110), 0),
    ("mount", call(165, 0, 0, 0, 0, 0), 1),
    ("unshare nothing", call(272, 0), 1),
    ("setns", call(308, .max, 0), 1),
    ("clone of a process", call(56, 17), 0),
    ("clone NEWUTS", call(56, 17 | 0x0400_0000), 1),
    ("clone3", call(435, 0, 0), 38),
    ("keyctl", call(250, 0xFFFF, 0), 1),
    ("bpf", call(321, 0xFFFF, 0, 0), 1),
    ("perf_event_open", call(298, 0, 0, 0, 0, 0), 1),
    ("ptrace of nobody", call(101, 0xFFFF, 0x7FFF_FFFF), 3),
    ("socket AF_UNIX", call(41, 1, 1, 0), 0),
    ("socket AF_ALG", call(41, 38, 5, 0), 1),
    ("socket AF_VSOCK", call(41, 40, 1, 0), 1),
    ("personality query", call(135, 0xFFFF_FFFF), 0),
    ("personality ADDR_NO_RANDOMIZE", call(135, 0x40000), 1),
    ("io_uring_setup", call(425, 1, 0), 1),
    ("init_module", call(175, 0, 0, 0), 1),
    ("chroot nowhere", call(161, 0), 14),
    ("a call from the future", call(500), 38),
    ("fchmodat2 nowhere", call(452, .max, 0, 0, 0), 14),
  ]

  static func call(_ number: Int64, _ arguments: UInt64...) -> probe_call {
    var all = arguments + [UInt64](repeating: 0, count: 6)
    all.removeLast(arguments.count)
    return probe_call(number: number, arguments: (all[0], all[1], all[2], all[3], all[4], all[5]))
  }

  private func results(_ filter: [UInt8]) throws -> [Int32] {
    var results = [Int32](repeating: -1, count: Self.real.count)
    let calls = Self.real.map(\.call)
    let code = unsafe probe_calls(filter, UInt64(filter.count), calls, &results, Int32(calls.count))
    try #require(code == 0, "the filter could not be installed")
    return results
  }

  @Test func `a process with all capabilities and the standard filter meets these answers of the kernel`()
    throws
  {
    let found = try results(try filter(.standard))
    for (index, one) in Self.real.enumerated() {
      // Before 6.6 there is no fchmodat2.
      if one.name.hasPrefix("fchmodat2"), found[index] == 38 { continue }
      #expect(found[index] == one.refused, "\(one.name)")
    }
  }

  @Test func `without the filter the kernel itself refuses none of these calls with EPERM`() throws {
    let found = try results([])
    for (index, one) in Self.real.enumerated() { #expect(found[index] != 1, "\(one.name)") }
  }

  @Test func `filters are stored, used again, and made anew when damaged`() throws {
    let directory = "/tmp/cairn-seccomp-\(ContainerID.random().short)"
    defer { try? Files.removeTree(directory) }
    let made = try #require(try SeccompFilters(directory: directory).filter(for: .standard))
    let file = directory + "/" + (try #require(try Files.list(directory).first))
    let stored = try Files.read(file)
    #expect(try Files.list(directory).count == 1)
    // A marked filter in the store comes back: it was not compiled again.
    let source = source(in: stored)
    let marked = made + [6, 0, 0, 0, 0, 0, 0xFF, 0x7F]
    try Files.replace(file, with: SeccompFilters.encode(marked, source: source))
    #expect(try SeccompFilters(directory: directory).filter(for: .standard) == marked)
    // Damage of any byte is noticed.
    for position in [0, 20, 40, stored.count / 2, stored.count - 1] {
      var damaged = stored
      damaged[position] ^= 0x10
      try Files.replace(file, with: damaged)
      #expect(try SeccompFilters(directory: directory).filter(for: .standard) == made)
      #expect(try Files.read(file) == stored)
    }
    for length in [0, 10, stored.count - 9] {
      try Files.replace(file, with: Array(stored.prefix(length)))
      #expect(try SeccompFilters(directory: directory).filter(for: .standard) == made)
    }
    // Another source, as after an update of the kernel, does not count.
    try Files.replace(file, with: SeccompFilters.encode(marked, source: source + "x"))
    #expect(try SeccompFilters(directory: directory).filter(for: .standard) == made)
    _ = try SeccompFilters(directory: directory).filter(for: [])
    #expect(try Files.list(directory).count == 2)
  }

  private func source(in stored: [UInt8]) -> String {
    let head = Array("cairn seccomp 1\n".utf8).count
    let length = stored[head..<(head + 8)].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    return String(decoding: stored[(head + 8)..<(head + 8 + length)], as: UTF8.self)
  }
}
