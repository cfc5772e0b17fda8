import Kernel
import Stacks
import Testing

@testable import Containers

@Suite struct `A seccomp profile of one's own` {
  private func profile(_ text: String) throws -> SeccompProfile {
    try SeccompProfile(text, machine: .amd64)
  }

  private func rules(_ text: String, _ capabilities: CapabilitySet = [], kernel: String = "6.1") throws
    -> [SeccompRule]
  {
    try profile(text).resolve(
      capabilities: capabilities, machine: .amd64, kernel: SeccompProfile.KernelVersion(release: kernel)!)
  }

  @Test func `is Docker's format: actions, arguments and circumstances`() throws {
    let text = """
      {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
       "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]}],
       "syscalls": [
        {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
        {"name": "old", "action": "SCMP_ACT_KILL_PROCESS", "comment": "as it was before names"},
        {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
        {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
        {"names": ["a"], "action": "SCMP_ACT_LOG", "includes": {"arches": ["arm64"]}},
        {"names": ["b"], "action": "SCMP_ACT_LOG", "includes": {"arches": ["s390x"]}},
        {"names": ["c"], "action": "SCMP_ACT_TRAP", "excludes": {"arches": ["amd64"]}},
        {"names": ["d"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
        {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
         "args": [{"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 10, "op": "SCMP_CMP_EQ"}]},
        {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
         "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"},
                  {"index": 1, "value": 5, "op": "SCMP_CMP_NE"}]}]}
      """
    #expect(try profile(text).otherwise == .fail(38))
    #expect(try profile(text).architectures == [.amd64, .x86, .x32])
    let always = [
      SeccompRule("read"), SeccompRule("write"), SeccompRule("old", answer: .killProcess),
    ]
    let last = [
      SeccompRule("d"), SeccompRule("socket", [.equal(argument: 0, to: 2)]),
      SeccompRule("socket", [.equal(argument: 0, to: 10)]),
      SeccompRule(
        "clone", [.masked(argument: 0, mask: 2_114_060_288, value: 0), .notEqual(argument: 1, to: 5)]),
    ]
    #expect(try rules(text) == always + [SeccompRule("clone3", answer: .fail(1))] + last)
    #expect(try rules(text, CapabilitySet([.sysAdmin])) == always + [SeccompRule("mount")] + last)
    #expect(try rules(text, kernel: "4.7").contains(SeccompRule("d")) == false)
  }

  @Test(arguments: [
    ("", "it is not JSON"), ("{}", "\"defaultAction\" is missing"),
    (#"{"defaultAction": 1}"#, "\"defaultAction\" has a value of the wrong kind"),
    (#"{"defaultAction": "ALLOW"}"#, "the action \"ALLOW\" is not one of"),
    (
      #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["x"], "action": "SCMP_ACT_NOTIFY"}]}"#,
      "SCMP_ACT_NOTIFY"
    ),
    (#"{"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/x"}"#, "\"listenerPath\" is not supported"),
    (#"{"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOG"]}"#, "the flag SECCOMP"),
    (
      #"""
      {"defaultAction": "SCMP_ACT_ALLOW", "syscalls":
       [{"names": ["x"], "action": "SCMP_ACT_KILL", "args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]}]}
      """#, "has no argument 6"
    ),
    (
      #"{"defaultAction": "SCMP_ACT_ALLOW", "archMap": [{"architecture": "SCMP_ARCH_S390X"}]}"#,
      "no entry for this machine"
    ),
    (
      #"""
      {"defaultAction": "SCMP_ACT_ALLOW",
       "syscalls": [{"names": ["x"], "action": "SCMP_ACT_KILL", "includes": {"caps": ["CAP_FLY"]}}]}
      """#, "no capability \"CAP_FLY\""
    ),
  ])
  func `that is wrong is refused with what is wrong`(_ text: String, _ words: String) {
    let error = #expect(throws: SecurityError.self) { try profile(text) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test func `holds in a container, and unconfined is no filter at all`() async throws {
    let filters = SeccompFilters(directory: nil)
    #expect(try filters.filter(for: .standard, .none) == nil)
    let denying = """
      {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 122}]}
      """
    try await withSandbox { sandbox in
      for forbidsNewPrivileges in [false, true] {
        let output = try await sandbox.output(
          "grep Seccomp: /proc/self/status; mkdir /x 2>&1; touch /y && echo made"
        ) {
          $0.seccomp = try? filters.filter(for: .standard, .profile(denying))
          $0.forbidsNewPrivileges = forbidsNewPrivileges
        }
        #expect(output == "Seccomp:\t2\nmkdir: can't create directory '/x': Disk quota exceeded\nmade\n")
      }
    }
  }

  @Test func `that allows only what it names lets a program run`() async throws {
    let names = SeccompTable.unconditional + ["arch_prctl", "clone", "socket", "personality", "chroot"]
    let list = names.filter { $0 != "link" && $0 != "linkat" }.map { "\"\($0)\"" }.joined(separator: ",")
    let text = """
      {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": [\(list)], "action": "SCMP_ACT_ALLOW"}]}
      """
    let filters = SeccompFilters(directory: nil)
    try await withSandbox { sandbox in
      let output = try await sandbox.output("touch /a; ln /a /b 2>&1; ln -s /a /c && echo linked") {
        $0.seccomp = try? filters.filter(for: .standard, .profile(text))
      }
      #expect(output.contains("Operation not permitted\nlinked\n"), "\(output)")
    }
  }

  @Test func `is stored like ours, and found again only for the same text`() throws {
    let place = "/tmp/cairn-test-\(ContainerID.random().short)"
    defer { try? Files.removeTree(place) }
    let one =
      #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}"#
    let other = one.replacing("mkdir", with: "rmdir")
    let first = try SeccompFilters(directory: place).filter(for: .standard, .profile(one))
    #expect(try Files.list(place).count == 1)
    #expect(try SeccompFilters(directory: place).filter(for: .standard, .profile(one)) == first)
    #expect(try SeccompFilters(directory: place).filter(for: .standard, .profile(other)) != first)
    #expect(try Files.list(place).count == 2)
  }
}
