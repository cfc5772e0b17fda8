import Testing

@testable import Containers

@Suite struct CgroupHierarchyTests {
  struct Case: CustomTestStringConvertible {
    var name: String
    var table: String
    var expected: CgroupHierarchy?
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(
      name: "version 2 alone",
      table: """
        22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
        30 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate
        """,
      expected: CgroupHierarchy(mode: .version2, unified: "/sys/fs/cgroup")),
    Case(
      name: "version 1 with cpu and cpuacct together",
      table: """
        30 25 0:26 / /sys/fs/cgroup ro shared:9 - tmpfs tmpfs ro,mode=755
        31 30 0:27 / /sys/fs/cgroup/systemd rw shared:10 - cgroup cgroup rw,xattr,name=systemd
        32 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:11 - cgroup cgroup rw,cpu,cpuacct
        33 30 0:29 / /sys/fs/cgroup/memory rw shared:12 - cgroup cgroup rw,memory
        34 30 0:30 / /sys/fs/cgroup/blkio rw shared:13 - cgroup cgroup rw,blkio
        """,
      expected: CgroupHierarchy(
        mode: .version1,
        mounts: [
          .cpu: "/sys/fs/cgroup/cpu,cpuacct", .cpuacct: "/sys/fs/cgroup/cpu,cpuacct",
          .memory: "/sys/fs/cgroup/memory", .io: "/sys/fs/cgroup/blkio",
        ])),
    Case(
      name: "hybrid",
      table: """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """,
      expected: CgroupHierarchy(mode: .hybrid, mounts: [.pids: "/sys/fs/cgroup/pids"])),
    Case(
      name: "a hybrid machine's version 2 mount was taken away",
      table: """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
        """,
      expected: CgroupHierarchy(mode: .version1, mounts: [.pids: "/sys/fs/cgroup/pids"])),
    Case(
      name: "only a named hierarchy besides version 2",
      table: """
        31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
        40 31 0:37 / /run/named rw - cgroup cgroup rw,name=systemd
        """,
      expected: CgroupHierarchy(mode: .version2, unified: "/sys/fs/cgroup")),
    Case(
      name: "a fresh tmpfs covers the old mounts",
      table: """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        90 31 0:99 / /sys/fs/cgroup rw,relatime - tmpfs none rw
        91 90 0:35 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        """,
      expected: CgroupHierarchy(mode: .version1, mounts: [.memory: "/sys/fs/cgroup/memory"])),
    Case(
      name: "a mount point with a space, and no optional fields",
      table: #"41 31 0:38 / /mnt/c\040group rw,relatime - cgroup2 cgroup2 rw"#,
      expected: CgroupHierarchy(mode: .version2, unified: "/mnt/c group")),
    Case(
      name: "a bind mount of a part comes second",
      table: """
        30 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
        77 22 0:26 /a /srv/a rw - cgroup2 cgroup2 rw
        """,
      expected: CgroupHierarchy(mode: .version2, unified: "/sys/fs/cgroup")),
    Case(name: "none", table: "22 1 8:1 / / rw - ext4 /dev/sda1 rw\nnot a line", expected: nil),
    Case(name: "an empty table", table: "", expected: nil),
  ]

  @Test(arguments: cases)
  func `the mount table tells which cgroups there are`(_ one: Case) {
    #expect(CgroupHierarchy.detect(mountInfo: one.table) == one.expected)
  }

  @Test func `the groups of a machine with controllers mounted together are made once`() throws {
    let table = Self.cases[1].table
    let cgroups = Cgroups(hierarchy: try #require(CgroupHierarchy.detect(mountInfo: table)))
    #expect(
      cgroups.roots == ["/sys/fs/cgroup/memory", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/blkio"])
  }

  @Test func `this machine's own cgroups are found`() throws {
    let found = try CgroupHierarchy.detect()
    #expect(found.unified != nil || !found.mounts.isEmpty)
  }
}
