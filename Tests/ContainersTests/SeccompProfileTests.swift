import Kernel
import Testing

@testable import Containers

@Suite struct SeccompProfileTests {
  private func rules(
    _ capabilities: CapabilitySet, _ machine: SeccompProfile.Machine = .amd64, _ kernel: String = "6.1"
  )
    -> [SeccompRule]
  {
    SeccompProfile.standard.resolve(
      capabilities: capabilities, machine: machine, kernel: SeccompProfile.KernelVersion(release: kernel)!)
  }

  @Test func `the unconditional calls are the known number and no call is there twice`() {
    #expect(SeccompTable.unconditional.count == 361)
    #expect(Set(SeccompTable.unconditional).count == 361)
  }

  struct Case: CustomTestStringConvertible {
    var call: String
    var with: CapabilitySet
    var kernel = "6.1"
    var machine = SeccompProfile.Machine.amd64
    var expected: [SeccompRule]
    var testDescription: String { "\(call) with \(with)" }
  }

  static let noNamespaces = SeccompRule("clone", [.masked(argument: 0, mask: 0x7E02_0000, value: 0)])
  static let cases: [Case] = [
    Case(call: "read", with: [], expected: [SeccompRule("read")]),
    Case(call: "mount", with: .standard, expected: []),
    Case(call: "mount", with: CapabilitySet([.sysAdmin]), expected: [SeccompRule("mount")]),
    Case(call: "clone", with: .standard, expected: [noNamespaces]),
    Case(call: "clone", with: CapabilitySet([.sysAdmin]), expected: [SeccompRule("clone")]),
    Case(call: "clone3", with: .standard, expected: [SeccompRule("clone3", answer: .fail(38))]),
    Case(call: "clone3", with: CapabilitySet([.sysAdmin]), expected: [SeccompRule("clone3")]),
    Case(call: "bpf", with: CapabilitySet([.bpf]), expected: [SeccompRule("bpf")]),
    Case(
      call: "perf_event_open", with: CapabilitySet([.perfmon]), expected: [SeccompRule("perf_event_open")]),
    Case(call: "ptrace", with: [], kernel: "4.8.0", expected: [SeccompRule("ptrace")]),
    Case(call: "ptrace", with: [], kernel: "4.7.9", expected: []),
    Case(
      call: "ptrace", with: CapabilitySet([.sysPtrace]), kernel: "4.7.9", expected: [SeccompRule("ptrace")]),
    Case(call: "chroot", with: .standard, expected: [SeccompRule("chroot")]),
    Case(call: "chroot", with: [], expected: []),
    Case(call: "keyctl", with: .all, expected: []),
    Case(call: "io_uring_setup", with: .all, expected: []),
    Case(call: "modify_ldt", with: [], expected: [SeccompRule("modify_ldt")]),
    Case(call: "modify_ldt", with: [], machine: .arm64, expected: []),
    Case(call: "set_tls", with: [], machine: .arm64, expected: [SeccompRule("set_tls")]),
    Case(call: "syslog", with: CapabilitySet([.syslog]), expected: [SeccompRule("syslog")]),
  ]

  @Test(arguments: cases)
  func `capabilities, kernel and machine decide which rules count`(_ one: Case) {
    #expect(rules(one.with, one.machine, one.kernel).filter { $0.name == one.call } == one.expected)
  }

  @Test func `a kernel's version is read from its release`() {
    #expect(SeccompProfile.KernelVersion(release: "6.18.44-fc") == SeccompProfile.KernelVersion(6, 18))
    #expect(SeccompProfile.KernelVersion(release: "5.4-rc1") == SeccompProfile.KernelVersion(5, 4))
    #expect(SeccompProfile.KernelVersion(release: "linux") == nil)
    #expect(SeccompProfile.KernelVersion(4, 10) > SeccompProfile.KernelVersion(4, 8))
  }

  @Test func `the prelude answers for calls that are newer than the profile or allowed by number`() {
    let program = SeccompPrelude.instructions(for: [
      SeccompPrelude.Calls(
        auditValue: 0xC000_003E, newest: 466, hasX32: true, allowed: [462, 451, 452, 0x4000_0000, 453]),
      SeccompPrelude.Calls(auditValue: 0x4000_0003, newest: 466, allowed: [452]),
    ])
    #expect(
      program.map(\.description).joined(separator: "\n") == """
        load architecture
        == 3221225534 ? +1 : +0
        goto +12
        load number
        >= 1073741824 ? +2 : +0
        > 466 ? +0 : +1
        return errno 38
        >= 463 ? +3 : +0
        >= 454 ? +1 : +0
        >= 451 ? +3 : +4
        >= 462 ? +2 : +3
        >= 1073741825 ? +2 : +0
        >= 1073741824 ? +0 : +1
        return allow
        goto +8
        == 1073741827 ? +1 : +0
        goto +6
        load number
        > 466 ? +0 : +1
        return errno 38
        >= 453 ? +2 : +0
        >= 452 ? +0 : +1
        return allow
        """)
  }

  @Test func `a search finds just the numbers that are allowed, however many`() {
    var random = SystemRandomNumberGenerator()
    for count in [0, 1, 2, 3, 119, 120, 121, 400] {
      let allowed = Set((0..<count).map { _ in UInt32.random(in: 0...1000, using: &random) })
      let filter =
        SeccompPrelude.instructions(for: [
          SeccompPrelude.Calls(auditValue: 7, newest: 2000, allowed: Array(allowed))
        ]).flatMap(\.bytes) + SeccompPrelude.Instruction(code: 0x06, value: 1).bytes
      for number in 0...1001 as ClosedRange<UInt32> {
        let found = answer(of: filter, architecture: 7, number: number, arguments: [])
        #expect(found == (allowed.contains(number) ? 0x7FFF_0000 : 1), "\(number) of \(allowed.sorted())")
      }
    }
  }
}
